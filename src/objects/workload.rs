//! StatefulSets, Deployments and DaemonSets.

use super::{
    container,
    model::{Claim, Object, Pods, Role, Workload},
    part::Part,
};

/// How values ask for volumes without a StorageClass, which only an administrator makes.
const NO_CLASS: &str = "-";

pub(super) fn of(part: &Part, object: Object) -> Workload {
    Workload {
        role: match part.text("role").as_deref() {
            Some("replica") => Role::Replica,
            Some("node") => Role::Node,
            _ => Role::Primary,
        },
        pods: pods(part),
        labels: part.pairs("label"),
        service_account: part.text("account").unwrap_or_default(),
        containers: container::of(part),
        claims: claims(part),
        object,
    }
}

fn pods(part: &Part) -> Pods {
    if part.is("each-node") {
        return Pods::EachNode;
    }
    match (part.number("least"), part.number("most")) {
        (Some(least), Some(most)) => Pods::Between(least, most),
        // Kubernetes takes 1 where nothing is set.
        _ => Pods::Fixed(part.number("pods").unwrap_or(1)),
    }
}

fn claims(part: &Part) -> Vec<Claim> {
    let existing = part.texts("existing-claim").into_iter().map(|name| Claim {
        name,
        is_existing: true,
        size: None,
        class: None,
        access_modes: Vec::new(),
    });
    let own = part.texts("claim").into_iter().filter_map(|text| own_claim(&text));
    existing.chain(own).collect()
}

/// `NAME SIZE CLASS MODES`, with `,` between the access modes.
fn own_claim(text: &str) -> Option<Claim> {
    let mut words = text.split(' ');
    let name = words.next()?.to_owned();
    let mut next = || words.next().filter(|word| !word.is_empty()).map(str::to_owned);
    let (size, class, modes) = (next(), next(), next());
    Some(Claim {
        name,
        is_existing: false,
        size,
        class: class.map(|class| if class == NO_CLASS { String::new() } else { class }),
        access_modes: modes.map(|modes| modes.split(',').map(str::to_owned).collect()).unwrap_or_default(),
    })
}
