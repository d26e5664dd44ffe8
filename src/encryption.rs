//! Detects encrypted files and values, and explains how to change them. Nothing is decrypted.

use std::fmt;

use crate::{
    shell,
    yaml::{Document, Kind, Map, NodeId, Path, Value},
};

/// A tool that encrypts files or values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Sops,
    AnsibleVault,
    GitCrypt,
    SealedSecrets,
    Eyaml,
    Age,
    Gpg,
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sops => "SOPS",
            Self::AnsibleVault => "Ansible Vault",
            Self::GitCrypt => "git-crypt",
            Self::SealedSecrets => "Sealed Secrets",
            Self::Eyaml => "hiera-eyaml",
            Self::Age => "age",
            Self::Gpg => "GnuPG",
        })
    }
}

/// The header of files from git-crypt. Source: `commands.cpp` of git-crypt.
pub const GIT_CRYPT: &str = "\0GITCRYPT\0";

/// The first characters of encrypted texts, by tool. Sources: the documentation of each tool.
const BEGINNINGS: [(&str, Tool); 8] = [
    ("ENC[PKCS7,", Tool::Eyaml),
    ("ENC[GPG,", Tool::Eyaml),
    ("ENC[", Tool::Sops),
    ("$ANSIBLE_VAULT;", Tool::AnsibleVault),
    (GIT_CRYPT, Tool::GitCrypt),
    ("-----BEGIN AGE ENCRYPTED FILE-----", Tool::Age),
    ("age-encryption.org/", Tool::Age),
    ("-----BEGIN PGP MESSAGE-----", Tool::Gpg),
];

/// The tool that encrypted a text of a file or value; none for clear text.
pub fn of(text: &str) -> Option<Tool> {
    if !may_begin_as_encrypted(text) {
        return None;
    }
    let text = text.trim();
    let (_, tool) = BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning))?;
    // A text in brackets needs a closing bracket.
    let is_whole = !matches!(tool, Tool::Sops | Tool::Eyaml) || text.ends_with(']');
    is_whole.then_some(*tool)
}

/// Whether a text has the first letter of one of [`BEGINNINGS`], or blanks that are not ASCII. Most texts have neither.
fn may_begin_as_encrypted(text: &str) -> bool {
    let first = text.bytes().find(|byte| !matches!(byte, b'\t'..=b'\r' | b' '));
    first.is_some_and(|first| {
        !first.is_ascii() || BEGINNINGS.iter().any(|(beginning, _)| beginning.as_bytes().first() == Some(&first))
    })
}

/// The tool that encrypted a whole file.
pub fn of_file(text: &str) -> Option<Tool> {
    of(text).filter(|tool| !matches!(tool, Tool::Sops | Tool::Eyaml))
}

/// Whether a value is encrypted, completely or in part.
pub fn is_in(value: &Value) -> bool {
    match value {
        Value::String(text) => of(text).is_some(),
        Value::List(items) => items.iter().any(is_in),
        Value::Map(map) => map.iter().any(|(_, value)| is_in(value)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
    }
}

/// Whether this is the `sops` block of a file from SOPS.
pub fn is_sops(value: &Value) -> bool {
    let has = |key: &str| value.as_map().is_some_and(|map| map.contains_key(key));
    has("mac") || has("lastmodified") && has("version")
}

/// An encrypted part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    pub tool: Tool,
    /// Line number, from 1.
    pub line: usize,
    /// The key of the first encrypted value; none if the whole file is encrypted, or the key is unknown.
    pub key: Option<Path>,
    /// Whether the whole file is encrypted.
    pub whole: bool,
    /// The options of SOPS that select keys to encrypt.
    options: Vec<(&'static str, String)>,
}

/// Options that SOPS stores in the file, by their field.
const OPTIONS: [(&str, &str); 4] = [
    ("encrypted_regex", "--encrypted-regex"),
    ("unencrypted_regex", "--unencrypted-regex"),
    ("encrypted_suffix", "--encrypted-suffix"),
    ("unencrypted_suffix", "--unencrypted-suffix"),
];

/// Markers of encrypted texts: a text without any of them needs no YAML parser.
const SIGNS: [&str; 7] =
    ["ENC[", "sops", "$ANSIBLE_VAULT;", "!vault", "SealedSecret", "BEGIN AGE ENCRYPTED FILE", "BEGIN PGP MESSAGE"];

/// The first encrypted part of a text, if any.
pub fn find(text: &str) -> Option<Encrypted> {
    let encrypted = |tool, line, key| Encrypted { tool, line, key, whole: false, options: Vec::new() };
    if let Some(tool) = of_file(text) {
        return Some(Encrypted { whole: true, ..encrypted(tool, 1, None) });
    }
    if !SIGNS.iter().any(|sign| text.contains(sign)) {
        return None;
    }
    let document = Document::parse(text).ok()?;
    let line = |node: NodeId| document.node(node).span.line;
    let mut first = None;
    let mut sops: Option<(usize, Map)> = None;
    let (mut sealed, mut manifests) = (None, 0);
    for top in document.documents() {
        document.walk(*top, |path, node| {
            let is_marked = document.node(node.value).tag.is_some_and(|tag| tag.contains("!vault"));
            if let Kind::Scalar { text, .. } = document.node(document.target(node.value)).kind
                && let Some(tool) = of(text).or(is_marked.then_some(Tool::AnsibleVault)).or_else(|| within(text))
                && first.is_none()
            {
                first = Some(encrypted(tool, line(node.key.unwrap_or(node.value)), Some(path.clone())));
            }
        });
        let Ok(Value::Map(values)) = document.value(*top) else { continue };
        let below = document.find_below(*top, &Path::of(["sops"]));
        if let (Some(block), Some(node), None) = (values.get("sops").filter(|block| is_sops(block)), below, &sops) {
            sops = Some((line(node.key.unwrap_or(node.value)), block.as_map().cloned().unwrap_or_default()));
        }
        manifests += usize::from(!values.is_empty());
        let kind = values.get("kind").and_then(Value::as_str);
        if kind == Some("SealedSecret") && sealed.is_none() {
            sealed = Some((line(*top), 1));
        } else if let (Some("SealedSecret"), Some((_, count))) = (kind, &mut sealed) {
            *count += 1;
        }
    }
    if let Some((at, block)) = sops {
        let mut encrypted =
            first.filter(|first| first.tool == Tool::Sops).unwrap_or_else(|| encrypted(Tool::Sops, at, None));
        let option = |(field, option): (&str, &'static str)| Some((option, block.get(field)?.as_str()?.to_owned()));
        encrypted.options = OPTIONS.into_iter().filter_map(option).collect();
        return Some(encrypted);
    }
    // Other manifests next to a sealed Secret are not encrypted, and can be changed.
    first.or_else(|| {
        sealed.filter(|(_, count)| *count == manifests).map(|(at, _)| encrypted(Tool::SealedSecrets, at, None))
    })
}

/// The first encrypted part of a block of text that contains YAML.
fn within(text: &str) -> Option<Tool> {
    let lines = || text.lines().filter_map(|line| Some(line.split_once(": ")?.1.trim_matches(['"', '\''])));
    lines().find_map(of).filter(|_| text.contains('\n'))
}

impl Encrypted {
    /// Why redisgen does not change a file, and how the user can. `file` is its name, none for standard input; `again`
    /// is the refused command.
    pub fn refusal(&self, file: Option<&str>, again: &str) -> String {
        let name = file.map_or_else(|| "standard input".to_owned(), |file| format!("`{file}`"));
        let at = if self.whole { name } else { format!("{name}, line {}", self.line) };
        let what = match (&self.key, self.whole) {
            (_, true) => "the file".to_owned(),
            (Some(key), false) => format!("`{key}`"),
            (None, false) => "the content".to_owned(),
        };
        let why = match self.tool {
            Tool::Sops => ", which signs the file: a changed file cannot be decrypted",
            Tool::SealedSecrets => ": changes need the original Secret",
            _ => ": changes need the clear text",
        };
        let word = |word: &str| shell::quote(word).map(|word| word.into_owned()).unwrap_or_default();
        let file = file.map_or_else(|| "FILE".to_owned(), word);
        let key = self.key.as_ref().map_or_else(|| "KEY".to_owned(), ToString::to_string);
        let again = format!("`{again}`");
        let commands = match self.tool {
            Tool::Sops => {
                let options = self.options.iter().map(|(option, value)| format!("{option} {} ", word(value)));
                let options: String = options.collect();
                format!(
                    "Decrypt the file, change it, encrypt it again: `sops --decrypt --in-place {file}`, {again}, \
                     `sops --encrypt {options}--in-place {file}`"
                )
            }
            Tool::AnsibleVault if self.whole => format!(
                "Decrypt the file, change it, encrypt it again: `ansible-vault decrypt {file}`, {again}, \
                 `ansible-vault encrypt {file}`"
            ),
            Tool::AnsibleVault => {
                let name = key.rsplit('.').next().unwrap_or(&key);
                format!(
                    "Decrypt each value (`yq -r .{key} {file} | ansible-vault decrypt`) and write its clear text, \
                     {again}, \
                     encrypt each value again: `ansible-vault encrypt_string --name {}`",
                    word(name)
                )
            }
            Tool::GitCrypt => format!(
                "Unlock the repository, change the file, lock it again: `git-crypt unlock`, {again}, `git-crypt lock`"
            ),
            Tool::SealedSecrets => format!(
                "Change the Secret in clear (`secret.yaml`) and seal it again: `kubeseal --format yaml < secret.yaml \
                 > {file}`"
            ),
            Tool::Eyaml => {
                format!("Decrypt its values with `eyaml decrypt`, {again}, encrypt them again with `eyaml encrypt`")
            }
            Tool::Age => {
                format!("Decrypt the file with `age --decrypt`, {again}, encrypt it again with `age --encrypt`")
            }
            Tool::Gpg => {
                format!("Decrypt the file with `gpg --decrypt`, {again}, encrypt it again with `gpg --encrypt`")
            }
        };
        format!("{at}: {what} is encrypted by {}{why}. Nothing was written. {commands}", self.tool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOPS: &str = "a: 1\nauth:\n  password: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\n  encrypted_regex: ^(password)$\n  version: 3.9.0\n";

    fn tool(text: &str) -> Option<Tool> {
        find(text).map(|found| found.tool)
    }

    #[test]
    fn every_tool_is_known_by_what_it_writes() {
        assert_eq!(tool(SOPS), Some(Tool::Sops));
        assert_eq!(tool("a: ENC[AES256_GCM,data:AAAA]\n"), Some(Tool::Sops));
        assert_eq!(tool("a: ENC[PKCS7,MIIB]\n"), Some(Tool::Eyaml));
        assert_eq!(tool("$ANSIBLE_VAULT;1.1;AES256\n3338\n3339\n"), Some(Tool::AnsibleVault));
        assert_eq!(tool("a:\n  b: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    3338\n"), Some(Tool::AnsibleVault));
        assert_eq!(tool("\0GITCRYPT\0abc"), Some(Tool::GitCrypt));
        assert_eq!(tool("kind: SealedSecret\nspec:\n  encryptedData:\n    a: AgB\n"), Some(Tool::SealedSecrets));
        assert_eq!(tool("kind: Application\nspec:\n  values: |\n    a: ENC[AES256_GCM,data:AAAA]\n"), Some(Tool::Sops));
    }

    #[test]
    fn what_is_in_clear_is_not_encrypted() {
        for text in [
            "a: 1\n",
            "a: \"ENC[ is how it begins\"\n",
            "sops: true\n",
            "sops:\n  enabled: true\n",
            "# ENC[AES256_GCM,data:AAAA]\na: 1\n",
            "kind: SealedSecret\nspec: {}\n---\nkind: HelmRelease\nspec: {}\n",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn the_way_that_works_is_named_in_commands() {
        let refusal = find(SOPS).unwrap().refusal(Some("my values.yaml"), "redisgen lint --fix 'my values.yaml'");
        assert!(refusal.starts_with("`my values.yaml`, line 3: `auth.password` is encrypted by SOPS"), "{refusal}");
        assert!(refusal.contains("`sops --decrypt --in-place 'my values.yaml'`"), "{refusal}");
        assert!(refusal.contains("`sops --encrypt --encrypted-regex '^(password)$' --in-place"), "{refusal}");
        assert!(refusal.contains("Nothing was written"), "{refusal}");
        assert!(!refusal.contains("AAAA"), "{refusal}");
    }
}
