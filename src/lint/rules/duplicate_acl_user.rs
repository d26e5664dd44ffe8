//! See `duplicate_acl_user.md`: the help text, the web page and the test of this rule.

use crate::lint::{Finding, Group, Rule, Severity, Subject, acl};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-acl-user",
    group: Group::StayingUp,
    severity: Severity::Error,
    summary: "ACL user whose name the file of users has already, so that Redis does not start",
    docs: include_str!("duplicate_acl_user.md"),
    check,
};

/// The user that the chart writes itself.
const DEFAULT: &str = "default";

fn check(subject: &Subject) -> Vec<Finding> {
    if !subject.places("acl").iter().any(|key| subject.on(key)) {
        return Vec::new();
    }
    let users = acl::users(subject);
    let found = users.iter().enumerate().filter_map(|(at, user)| {
        let name = &user.name;
        let earlier = users[..at].iter().find(|other| other.name == *name);
        let message = format!("the ACL has two users `{name}`: Redis does not start");
        Some(match earlier {
            Some(earlier) => Finding::at(user.span, message).mark(earlier.span, "the first one"),
            None if name == DEFAULT => Finding::at(user.span, message)
                .labelled("the chart writes this user itself")
                .help("remove the user; its password is `auth.password`, or the one in the Secret"),
            None => return None,
        })
    });
    found.collect()
}
