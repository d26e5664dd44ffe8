//! Options with a small grammar.

use std::{fmt, str::FromStr};

use super::as_text::as_text;
use crate::kubernetes::{is_qualified_name, is_valid_label_value};

/// The error of a text with an invalid grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: expected {expected}")]
pub struct BadText {
    text: String,
    what: &'static str,
    expected: &'static str,
}

impl BadText {
    fn new(text: &str, what: &'static str, expected: &'static str) -> Self {
        Self { text: text.into(), what, expected }
    }
}

/// A label: `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub key: String,
    pub value: String,
}

impl FromStr for Pair {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((key, value)) if is_qualified_name(key) && is_valid_label_value(value) => {
                Ok(Self { key: key.into(), value: value.into() })
            }
            _ => Err(BadText::new(text, "a label", "`key=value` in letters, digits, `-`, `_` and `.`")),
        }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

/// A taint that is borne: `key=value:Effect`, `key:Effect`, `key=value`, `key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    pub key: String,
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; every effect where it is missing
    pub effect: Option<String>,
}

impl FromStr for Toleration {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || {
            BadText::new(
                text,
                "a toleration",
                "`key[=value][:effect]`, the effect one of `NoSchedule`, `PreferNoSchedule`, `NoExecute`",
            )
        };
        let (taint, effect) = text.split_once(':').map_or((text, None), |(taint, effect)| (taint, Some(effect)));
        let (key, value) = taint.split_once('=').map_or((taint, None), |(key, value)| (key, Some(value)));
        let known = effect.is_none_or(|e| ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&e));
        if !is_qualified_name(key) || !value.is_none_or(is_valid_label_value) || !known {
            return Err(bad());
        }
        Ok(Self { key: key.into(), value: value.map(Into::into), effect: effect.map(Into::into) })
    }
}

impl fmt::Display for Toleration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        self.value.iter().try_for_each(|value| write!(f, "={value}"))?;
        self.effect.iter().try_for_each(|effect| write!(f, ":{effect}"))
    }
}

/// How many pods a drain may take at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Budget {
    /// no budget: a drain may take all of them
    Off,
    Pods(u32),
    /// percent of the pods, 0 to 100
    Percent(u8),
}

impl FromStr for Budget {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad =
            || BadText::new(text, "a disruption budget", "a number of pods, a percentage such as `50%`, or `off`");
        if text == "off" {
            return Ok(Self::Off);
        }
        match text.strip_suffix('%') {
            Some(percent) => match percent.parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(bad()),
            },
            None => text.parse().map(Self::Pods).map_err(|_| bad()),
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Pods(pods) => write!(f, "{pods}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// An image pinned to its digest: `redis=sha256:...`.
///
/// The image goes by the last part of its repository's name: `redis`, `redis-sentinel`, `redis-exporter`, `os-shell`,
/// `kubectl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    pub image: String,
    pub digest: String,
}

impl FromStr for Digest {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |digest: &str| {
            digest
                .strip_prefix("sha256:")
                .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        };
        match text.split_once('=') {
            Some((image, digest)) if is_qualified_name(image) && hex(digest) => {
                Ok(Self { image: image.into(), digest: digest.into() })
            }
            _ => Err(BadText::new(text, "a pinned image", "`image=sha256:` and 64 hexadecimal digits")),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.image, self.digest)
    }
}

/// A user of Redis' access control list: `app=~app:* +@read -@dangerous`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclUser {
    pub name: String,
    /// key patterns: `~app:*`, `%R~x:*`, `allkeys`
    pub keys: String,
    /// channel patterns: `&news:*`, `allchannels`
    pub channels: String,
    /// commands: `+get`, `-@dangerous`, `allcommands`
    pub commands: String,
}

impl FromStr for AclUser {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || {
            BadText::new(
                text,
                "an ACL user",
                "`name=rules`, with rules of Redis: `~keys`, `&channels`, `+commands`, `-commands`",
            )
        };
        let (name, rules) = text.split_once('=').ok_or_else(bad)?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(bad());
        }
        let [mut keys, mut channels, mut commands] = [const { Vec::new() }; 3];
        for rule in rules.split_ascii_whitespace() {
            match (rule.as_bytes()[0], rule) {
                (b'~' | b'%', _) | (_, "allkeys") => keys.push(rule),
                (b'&', _) | (_, "allchannels") => channels.push(rule),
                (b'+' | b'-', _) | (_, "allcommands" | "nocommands") => commands.push(rule),
                _ => return Err(bad()),
            }
        }
        if keys.is_empty() && channels.is_empty() && commands.is_empty() {
            return Err(bad());
        }
        Ok(Self { name: name.into(), keys: keys.join(" "), channels: channels.join(" "), commands: commands.join(" ") })
    }
}

impl fmt::Display for AclUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.name)?;
        let rules = [&self.keys, &self.channels, &self.commands];
        let rules: Vec<_> = rules.into_iter().filter(|rule| !rule.is_empty()).map(String::as_str).collect();
        f.write_str(&rules.join(" "))
    }
}

as_text!("integer":
    Pair "release=prometheus",
    Toleration "dedicated=redis:NoSchedule",
    Budget "1",
    Digest "redis=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    AclUser "app=~app:* +@read"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: FromStr + fmt::Display>(text: &str) -> Option<String> {
        text.parse::<T>().ok().map(|t| t.to_string())
    }

    #[test]
    fn what_is_read_is_written_alike() {
        for text in ["release=prometheus", "app.kubernetes.io/name=redis", "empty="] {
            assert_eq!(read::<Pair>(text).as_deref(), Some(text));
        }
        for text in ["dedicated=redis:NoSchedule", "gpu:NoExecute", "spot", "a=b"] {
            assert_eq!(read::<Toleration>(text).as_deref(), Some(text));
        }
        for text in ["off", "1", "50%"] {
            assert_eq!(read::<Budget>(text).as_deref(), Some(text));
        }
        assert_eq!(read::<AclUser>("app=+@read ~app:* &news:*").as_deref(), Some("app=~app:* &news:* +@read"));
    }

    #[test]
    fn what_follows_no_grammar_is_refused() {
        for text in ["", "=x", "key", "k y=v", "-k=v", "k=v w", "K/x=y"] {
            assert_eq!(read::<Pair>(text), None, "{text}");
        }
        for text in ["", ":NoSchedule", "key:Never", "key=:"] {
            assert_eq!(read::<Toleration>(text), None, "{text}");
        }
        for text in ["", "-1", "101%", "some", "1.5"] {
            assert_eq!(read::<Budget>(text), None, "{text}");
        }
        for text in ["redis", "redis=sha256:12", "redis=md5:0", "=sha256:0"] {
            assert_eq!(read::<Digest>(text), None, "{text}");
        }
        for text in ["app", "app=", "=~*", "app=>password", "app=on"] {
            assert_eq!(read::<AclUser>(text), None, "{text}");
        }
    }
}
