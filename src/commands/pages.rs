//! The parts of the help and the manual page apart from the options: examples, exit codes, files and variables.

/// The page of one command.
pub struct Page {
    /// The name of the command, without `redisgen`.
    pub command: &'static str,
    /// Examples with a description and a command line.
    pub examples: &'static [(&'static str, &'static str)],
    /// The meaning of exit code 1; empty if the command never exits with 1.
    pub one: &'static str,
    /// Files that the command reads or writes, apart from those of its arguments.
    pub files: &'static [(&'static str, &'static str)],
}

/// A file of the project, with what it is for.
const PROJECT: (&str, &str) =
    ("redisgen.toml", "Configuration of the project, in the current folder or the nearest parent folder.");
const PROFILES: (&str, &str) = (
    ".redisgen/profiles/NAME.yaml",
    "Profiles of the project. Your own profiles are in the folder `profiles` of the configuration folder.",
);
const CHARTS: (&str, &str) = ("charts/", "Imported charts, in the folder `redisgen` in the data folder of the system.");

/// Environment variables without an option.
pub const VARIABLES: [(&str, &str); 6] = [
    (
        "REDISGEN_CONFIG_DIR",
        "Folder for your profiles, instead of `redisgen` in the configuration folder of the system.",
    ),
    ("REDISGEN_DATA_DIR", "Folder for imported charts, instead of `redisgen` in the data folder of the system."),
    ("REDISGEN_PAGER, PAGER", "Pager for reports that are longer than the screen; `less` by default, none for `cat`."),
    ("LESS", "Options of `less`; `FRX` by default."),
    ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE", "Turn colors off or on, as `--color` does."),
    ("COLUMNS, LINES", "Size of a terminal that reports no size."),
];

/// The pages in the order of the commands.
pub const PAGES: [Page; 20] = [
    Page {
        command: "values",
        examples: &[
            ("Values for a profile", "redisgen values --profile aws-internal --existing-secret redis-auth"),
            (
                "A cache for one chart version, written to a file",
                "redisgen values --profile cache --chart-version 23 --output-file redis.yaml",
            ),
            ("Your own keys on top", "redisgen values --profile ha -f own.yaml --set metrics.enabled=true"),
            ("Fail in CI if the file is out of date", "redisgen values --profile ha --output-file redis.yaml --check"),
        ],
        one: "With `--check` or `--diff`: the values in `--output-file` differ.",
        files: &[PROJECT, PROFILES, CHARTS],
    },
    Page {
        command: "command",
        examples: &[
            ("Script that installs a profile", "redisgen command --profile ha --existing-secret redis-auth"),
            (
                "Install from a file that exists, with Helm 3",
                "redisgen command --file redis.yaml --release cache --helm 3",
            ),
            ("Each command as an array of words", "redisgen command --profile dev -o json"),
        ],
        one: "",
        files: &[PROJECT, PROFILES, CHARTS],
    },
    Page {
        command: "profiles",
        examples: &[
            ("All profiles", "redisgen profiles list"),
            ("The options of one", "redisgen profiles show aws-internal"),
        ],
        one: "",
        files: &[PROFILES],
    },
    Page {
        command: "profiles list",
        examples: &[
            ("All profiles", "redisgen profiles list"),
            ("Also those in another folder, as JSON", "redisgen profiles list --profile-dir . -o json"),
        ],
        one: "",
        files: &[PROFILES],
    },
    Page {
        command: "profiles show",
        examples: &[
            ("The options of a profile, with their origin", "redisgen profiles show aws-internal"),
            ("Two profiles together", "redisgen profiles show ha dev"),
        ],
        one: "",
        files: &[PROFILES],
    },
    Page {
        command: "profiles schema",
        examples: &[("Schema for an editor", "redisgen profiles schema")],
        one: "",
        files: &[],
    },
    Page {
        command: "plan",
        examples: &[
            ("Overview of a profile", "redisgen plan --profile aws-internal"),
            ("Overview of a values file, with code for a client", "redisgen plan redis.yaml --client redis-py"),
            ("Picture for a page", "redisgen plan redis.yaml -o svg --output-file redis.svg"),
        ],
        one: "The chart does not render with the values.",
        files: &[PROJECT, PROFILES, CHARTS],
    },
    Page {
        command: "images",
        examples: &[
            ("Images of a profile", "redisgen images --profile ha"),
            ("Images of a values file", "redisgen images redis.yaml"),
            (
                "Commands that copy them to your registry",
                "redisgen images redis.yaml -o crane --copy-to registry.example.com/mirror",
            ),
        ],
        one: "",
        files: &[PROJECT, PROFILES, CHARTS],
    },
    Page {
        command: "releases",
        examples: &[
            ("Releases of this repository", "redisgen releases"),
            ("For a script", "redisgen releases -o json clusters/prod"),
        ],
        one: "",
        files: &[PROJECT, CHARTS],
    },
    Page {
        command: "lint",
        examples: &[
            ("All YAML files below this folder", "redisgen lint"),
            ("One file, for one chart version", "redisgen lint --chart-version 28.0.7 redis.yaml"),
            ("One release, with all its values", "redisgen lint apps/redis.yaml#cache"),
            ("Show the fixes, then make them", "redisgen lint --diff redis.yaml"),
            ("Report for code scanning", "redisgen lint --output-file sarif=redisgen.sarif ."),
            ("Security rules only", "redisgen lint --select security redis.yaml"),
        ],
        one: "A finding is at least as severe as `--fail-on`.",
        files: &[PROJECT, CHARTS],
    },
    Page {
        command: "diff",
        examples: &[
            ("Two values files", "redisgen diff old.yaml new.yaml"),
            ("A file against another chart version", "redisgen diff redis.yaml redis.yaml --from 18 --to 28.0.7"),
            ("A file against options", "redisgen diff redis.yaml --profile aws-internal"),
            ("The installed release against a file", "redisgen diff --live --release cache -n backend redis.yaml"),
        ],
        one: "A value differs in effect, or one side does not render.",
        files: &[PROJECT, PROFILES, CHARTS],
    },
    Page {
        command: "migrate",
        examples: &[
            ("Print the migrated values, and the report on stderr", "redisgen migrate redis.yaml --to 28.0.7"),
            (
                "Change the file, and keep the old defaults",
                "redisgen migrate redis.yaml --to 28.0.7 --in-place --keep-behaviour",
            ),
            ("Only the report, for a pull request", "redisgen migrate redis.yaml --to 28.0.7 -o markdown"),
        ],
        one: "A setting is lost, or the newer chart does not render. With `--check` or `--diff`: a file would change.",
        files: &[PROJECT, CHARTS],
    },
    Page {
        command: "verify",
        examples: &[
            ("A release in the cluster, with kubectl", "redisgen verify cache -n backend"),
            ("Compared with a values file", "redisgen verify cache -n backend -f redis.yaml"),
            (
                "Servers anywhere, without kubectl",
                "redisgen verify --sentinel-address 10.0.0.5:26379 --password-env REDIS_PASSWORD",
            ),
            ("Measure a failover", "redisgen verify cache -n backend --failover"),
        ],
        one: "A check is wrong.",
        files: &[PROJECT, PROFILES, CHARTS],
    },
    Page {
        command: "explain",
        examples: &[
            ("A rule of lint", "redisgen explain unknown-key"),
            ("A key in the newest chart", "redisgen explain replica.service.type"),
            ("A key in one chart version", "redisgen explain cluster.enabled --chart-version 11.0.4"),
        ],
        one: "",
        files: &[PROJECT, CHARTS],
    },
    Page {
        command: "rules",
        examples: &[("All rules", "redisgen rules"), ("As JSON", "redisgen rules -o json")],
        one: "",
        files: &[],
    },
    Page {
        command: "chart",
        examples: &[("Known versions", "redisgen chart list 28"), ("Import a version", "redisgen chart import 28.4.0")],
        one: "",
        files: &[CHARTS],
    },
    Page {
        command: "chart list",
        examples: &[("All versions", "redisgen chart list"), ("Those of a range", "redisgen chart list '>=16, <18'")],
        one: "",
        files: &[CHARTS],
    },
    Page {
        command: "chart import",
        examples: &[
            ("A version from the registry", "redisgen chart import 28.4.0"),
            ("An archive", "redisgen chart import redis-28.4.0.tgz"),
            ("Another registry", "redisgen chart import oci://registry.example.com/charts/redis --version 28.4.0"),
            ("Find which keys the chart reads", "redisgen chart import redis-28.4.0.tgz --measure"),
        ],
        one: "",
        files: &[CHARTS],
    },
    Page {
        command: "chart remove",
        examples: &[("An imported version", "redisgen chart remove 28.4.0")],
        one: "",
        files: &[CHARTS],
    },
    Page {
        command: "completions",
        examples: &[
            ("In ~/.bashrc", "source <(redisgen completions bash)"),
            ("In ~/.zshrc, after `compinit`", "source <(redisgen completions zsh)"),
            ("In ~/.config/fish/config.fish", "redisgen completions fish | source"),
        ],
        one: "",
        files: &[PROFILES, CHARTS],
    },
];

/// The page of a command; `redisgen` itself and `man` have none.
pub fn page(command: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.command == command)
}

/// The exit codes of a command, with their meaning.
pub fn exit_codes(page: &Page) -> Vec<(&'static str, &'static str)> {
    let one = (!page.one.is_empty()).then_some(("1", page.one));
    [("0", "Success.")].into_iter().chain(one).chain([("2", "An error. Nothing was written.")]).collect()
}
