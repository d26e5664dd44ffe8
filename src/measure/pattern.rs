//! The patterns of the tables next to this module: which paths of keys a row is about.

/// Pattern for paths: matches the end of a path after a dot, or the whole path if the pattern starts with `=`. `*`
/// matches any text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern(pub &'static str);

impl Pattern {
    pub fn fits(self, path: &str) -> bool {
        if let Some(whole) = self.0.strip_prefix('=') {
            return fits(whole, path);
        }
        let ends = path.match_indices('.').map(|(at, _)| &path[at + 1..]);
        std::iter::once(path).chain(ends).any(|end| fits(self.0, end))
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.into_iter().any(|at| fits(after, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_end_of_a_path() {
        let fits = |pattern: &'static str, path: &str| Pattern(pattern).fits(path);
        assert!(fits("existing*", "auth.existingSecret") && fits("existing*", "existingSecret"));
        assert!(!fits("existing*", "auth.notexistingSecret"));
        assert!(fits("*ervice.type", "master.service.type") && fits("*ervice.type", "sentinel.masterService.type"));
        assert!(fits("=pdb", "pdb") && !fits("=pdb", "master.pdb"));
        assert!(fits("custom*Probe", "master.customLivenessProbe"));
        assert!(fits("*llowExternal*", "networkPolicy.allowExternalEgress"));
        assert!(fits("*", "a.b"));
    }
}
