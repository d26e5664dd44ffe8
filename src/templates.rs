//! Renders the texts around values with the templates of `templates/`. Templates only place given texts.
//!
//! The kind of file decides how values are escaped: as a shell word in `.sh`, as one line of a comment in `.yaml`, as a
//! literal in code. This module does not write the values themselves.

use std::sync::OnceLock;

use minijinja::{
    AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value, context, syntax::SyntaxConfig,
    value::Serde,
};
use serde::Serialize;

use crate::{
    escape::one_line,
    helm::{Argv, Stdin, Step},
    shell,
};

/// Name and text of a template.
type Template = (&'static str, &'static str);

const COMMAND: Template = ("command.sh", include_str!("../templates/command.sh"));
const HEADER: Template = ("header.yaml", include_str!("../templates/header.yaml"));

/// A client library, with its template. The kind of file decides how texts are quoted.
const CLIENTS: [(&str, Template); 6] = [
    ("redis-cli", ("clients/redis-cli.sh", include_str!("../templates/clients/redis-cli.sh"))),
    ("redis-py", ("clients/redis-py.py", include_str!("../templates/clients/redis-py.py"))),
    ("ioredis", ("clients/ioredis.js", include_str!("../templates/clients/ioredis.js"))),
    ("jedis", ("clients/jedis.java", include_str!("../templates/clients/jedis.java"))),
    ("lettuce", ("clients/lettuce.java", include_str!("../templates/clients/lettuce.java"))),
    ("go-redis", ("clients/go-redis.go", include_str!("../templates/clients/go-redis.go"))),
];

/// The kinds of files with code.
const CODE: [&str; 4] = ["py", "js", "java", "go"];

/// Why a text could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument contains a zero byte, which a command line cannot hold.
    #[error(transparent)]
    Word(#[from] shell::ZeroByte),
    /// A template uses a missing variable.
    #[error("cannot render a text")]
    Template(#[from] minijinja::Error),
}

/// The head of generated values.
#[derive(Debug, Clone)]
pub struct Header<'a> {
    /// Program and version, `redisgen 1.2.3`.
    pub generator: &'a str,
    /// The command that generates the file, with the program as the first argument.
    pub command: &'a [String],
    /// The placeholder of secrets in `command`, which does not generate the file without them.
    pub hidden: Option<&'a str>,
    pub chart: &'a str,
    pub version: &'a str,
    pub app_version: Option<&'a str>,
    /// The release date of the chart, `2020-09-30`.
    pub released: Option<&'a str>,
    /// Notes about the chart version, one per line: its repository and missing facts.
    pub facts: &'a [String],
    /// The command that installs the file.
    pub install: Option<&'a Argv>,
}

/// The steps as a script, for a terminal or for `sh`.
///
/// The script is one list of commands. Each runs only after all earlier commands succeeded. A password reaches kubectl
/// through a pipe from its variable, and values reach Helm only if the command that writes them succeeded.
///
/// # Errors
///
/// When an argument contains a zero byte.
pub fn command_script(steps: &[Step]) -> Result<String, Error> {
    check_words(steps.iter().flat_map(|step| {
        let source = match &step.stdin {
            Some(Stdin::Command(argv)) => Some(argv),
            Some(Stdin::Variable(_)) | None => None,
        };
        [Some(&step.argv), step.unless.as_ref(), source].into_iter().flatten().flat_map(Argv::words)
    }))?;
    let steps: Vec<StepContext> = steps.iter().map(StepContext::new).collect();
    render(COMMAND, context! { steps => Serde(steps) })
}

/// The comment above generated values, with a line feed at the end.
///
/// # Errors
///
/// When an argument of a command contains a zero byte.
pub fn values_header(header: &Header) -> Result<String, Error> {
    let Header { generator, command, hidden, chart, version, app_version, released, facts, install } = header;
    let install: Option<Vec<&str>> = install.map(|argv| argv.words().collect());
    check_words(command.iter().map(String::as_str).chain(install.iter().flatten().copied()))?;
    let context = HeaderContext { generator, command, hidden, chart, version, app_version, released, facts, install };
    render(HEADER, Serde(context).into())
}

/// A step in the form of `command.sh`.
#[derive(Serialize)]
struct StepContext<'a> {
    why: &'a str,
    argv: &'a [Vec<String>],
    unless: Option<&'a [Vec<String>]>,
    source: Option<&'a [Vec<String>]>,
    variable: Option<&'a str>,
}

impl<'a> StepContext<'a> {
    fn new(step: &'a Step) -> Self {
        let Step { kind: _, why, argv, unless, stdin } = step;
        let (source, variable) = match stdin {
            Some(Stdin::Command(argv)) => (Some(argv.lines()), None),
            Some(Stdin::Variable(name)) => (None, Some(name.as_str())),
            None => (None, None),
        };
        Self { why, argv: argv.lines(), unless: unless.as_ref().map(Argv::lines), source, variable }
    }
}

/// The variables of `header.yaml`.
#[derive(Serialize)]
struct HeaderContext<'a> {
    generator: &'a str,
    command: &'a [String],
    hidden: &'a Option<&'a str>,
    chart: &'a str,
    version: &'a str,
    app_version: &'a Option<&'a str>,
    released: &'a Option<&'a str>,
    facts: &'a [String],
    install: Option<Vec<&'a str>>,
}

/// What the code of a client depends on.
#[derive(Debug, Clone, Serialize)]
pub struct Connection<'a> {
    pub host: &'a str,
    pub port: u16,
    /// Whether the address is that of Sentinel.
    pub sentinel: bool,
    /// The name that Sentinel gives the primary.
    pub set: &'a str,
    /// Whether Redis requires a password.
    pub auth: bool,
    /// Whether Sentinel requires the password too.
    pub sentinel_auth: bool,
    pub tls: bool,
    /// Whether clients must show a certificate.
    pub mutual: bool,
}

/// The clients with a template: the name of the library, and the language for a block of code in Markdown.
pub fn clients() -> impl Iterator<Item = (&'static str, &'static str)> {
    CLIENTS.iter().map(|(client, (file, _))| (*client, file.rsplit('.').next().unwrap_or_default()))
}

/// Code that connects with a client. The password comes from a variable of the environment.
///
/// # Errors
///
/// When a text contains a zero byte, or no client has the name.
pub fn client_code(client: &str, connection: &Connection) -> Result<String, Error> {
    let template = CLIENTS.iter().find(|(name, _)| *name == client).map(|(_, template)| *template);
    let template = template.ok_or_else(|| refusal(format!("there is no client `{client}`")))?;
    render(template, Serde(connection).into())
}

/// Compiles and renders one template: one run needs only one of them.
fn render((name, text): Template, context: Value) -> Result<String, Error> {
    Ok(environment()?.template_from_named_str(name, text)?.render(context)?)
}

/// The error is checked here, because an error inside of a template would blame the template.
fn check_words<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<(), shell::ZeroByte> {
    words.try_for_each(|word| shell::quote(word).map(drop))
}

fn environment() -> Result<&'static Environment<'static>, minijinja::Error> {
    static BUILT: OnceLock<Environment<'static>> = OnceLock::new();
    if let Some(environment) = BUILT.get() {
        return Ok(environment);
    }
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_auto_escape_callback(|name| {
        AutoEscape::Custom(name.rsplit('.').next().unwrap_or_default().to_owned().into())
    });
    environment.set_formatter(format_value);
    environment.add_filter("command", |lines: Vec<Vec<String>>, indent: &str| {
        let lines = lines.iter().map(|words| words.iter().map(String::as_str));
        let script = shell::join_lines(lines, &format!(" \\\n{indent}  ")).map_err(refusal)?;
        Ok::<_, minijinja::Error>(Value::from_safe_string(script))
    });
    environment.add_filter("command_line", |words: Vec<String>| command_line(&words));
    environment.add_filter("comment", |text: &str| Value::from_safe_string(one_line(text).into_owned()));
    environment.add_filter("raw", |text: &str| Value::from_safe_string(text.to_owned()));
    environment.add_filter("required", |variable: &str| {
        Value::from_safe_string(format!("\"${{{variable}:?is empty or not set}}\""))
    });
    Ok(BUILT.get_or_init(|| environment))
}

fn command_line(words: &[String]) -> Result<String, minijinja::Error> {
    shell::join(words.iter().map(String::as_str)).map_err(refusal)
}

/// Escapes a value for the kind of file. A missing value, or one that is neither a text nor a number, is an error.
fn format_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_safe() {
        return Ok(out.write_str(value.as_str().unwrap_or_default())?);
    }
    if value.is_undefined() || value.is_none() || !(value.is_number() || value.as_str().is_some()) {
        return Err(refusal(format!("a {} is not a text", value.kind())));
    }
    let text = value.to_string();
    let written = match state.auto_escape() {
        AutoEscape::Custom(kind) if kind == "sh" => shell::quote(&text).map_err(refusal)?,
        AutoEscape::Custom(kind) if kind == "yaml" => one_line(&text),
        AutoEscape::Custom(kind) if CODE.contains(&kind.as_ref()) && value.is_number() => text.into(),
        // The languages read the text of JSON alike.
        AutoEscape::Custom(kind) if CODE.contains(&kind.as_ref()) => serde_json::Value::from(text).to_string().into(),
        _ => return Err(refusal("unknown kind of template")),
    };
    Ok(out.write_str(&written)?)
}

fn refusal(reason: impl ToString) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helm::{KeySource, Release, Repository, SecretStep, Values, steps};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn release<'a>(values: Values<'a>) -> Release<'a> {
        Release {
            set: Vec::new(),
            name: "backend-redis",
            namespace: "backend",
            create_namespace: true,
            repository: Repository::Oci,
            chart: "redis",
            version: "23.1.1",
            values,
            helm: crate::yaml::Helm::Four,
            atomic: true,
            wait: false,
            timeout: Some("10m"),
            dry_run: None,
            secret: Some(SecretStep {
                name: "redis-auth",
                keys: vec![("redis-password", KeySource::Variable("REDIS_PASSWORD"))],
            }),
            needed: Vec::new(),
        }
    }

    #[test]
    fn a_script_to_read() {
        let steps = steps(&release(Values::File("redis opts.yaml"))).unwrap();
        assert_eq!(command_script(&steps).unwrap(), include_str!("../tests/data/helm/file.sh"));
    }

    #[test]
    fn values_reach_helm_when_they_could_be_written() {
        let from = words(&["redisgen", "values", "--set", "a={b,c}"]);
        let asked = Release { secret: None, ..release(Values::Command(&from)) };
        let script = command_script(&steps(&asked).unwrap()).unwrap();
        assert_eq!(script, include_str!("../tests/data/helm/command.sh"));
    }

    #[test]
    fn no_value_ends_the_comment() {
        let nasty = "a\nb: 1\r\u{85}c: 2\u{2028}d: 3\u{0}";
        let header = Header {
            generator: nasty,
            command: &words(&["redisgen", "b\nc: 1"]),
            hidden: Some(nasty),
            chart: nasty,
            version: nasty,
            app_version: Some(nasty),
            released: Some(nasty),
            facts: &words(&[nasty, nasty]),
            install: None,
        };
        let text = values_header(&header).unwrap();
        let ends = |c: char| matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        assert!(text.lines().all(|line| line.starts_with('#')) && !text.contains(ends), "{text}");
    }

    #[test]
    fn a_header_says_what_is_known() {
        let steps = steps(&release(Values::File("redis-opts.yaml"))).unwrap();
        let full = Header {
            generator: "redisgen 1.2.3",
            command: &words(&["redisgen", "values", "--profile", "aws-internal", "--metrics-labels", "a b=c"]),
            hidden: None,
            chart: "redis",
            version: "23.1.1",
            app_version: Some("8.2.1"),
            released: Some("2025-10-02"),
            facts: &words(&["assumed: what is read with Sentinel, as in 23.1.0"]),
            install: steps.last().map(|step| &step.argv),
        };
        assert_eq!(values_header(&full).unwrap(), include_str!("../tests/data/helm/header.yaml"));
        let hidden = values_header(&Header { hidden: Some("<redacted>"), ..full.clone() }).unwrap();
        assert!(
            hidden.contains(". To generate this file again, replace <redacted> by the secrets and run:\n"),
            "{hidden}"
        );
        let bare = Header { app_version: None, released: None, facts: &[], install: None, ..full };
        assert!(values_header(&bare).unwrap().ends_with("#\n# chart redis 23.1.1\n"));
    }

    #[test]
    fn a_zero_byte_is_the_users_mistake() {
        let from = words(&["redisgen", "a\0"]);
        let steps = steps(&release(Values::Command(&from))).unwrap();
        assert!(matches!(command_script(&steps), Err(Error::Word(_))));
    }
}
