//! What clients need: addresses, the way by Sentinel and the plain way, TLS and users.

use serde::Serialize;

use super::{
    names::local_name,
    reach::{Reach, Writes},
};
use crate::{
    chart::{ServiceKind, Setting, Topology},
    effective::EffectiveValues,
    objects::{Objects, Port, Secret, SecretSource, Service},
    yaml::Value,
};

/// The ports of Redis and Sentinel, for an object that names none.
const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// What clients in the cluster need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Clients {
    /// The address for reads and writes without Sentinel. None if no Service follows the primary.
    pub primary: Option<Endpoint>,
    /// An address for reads only.
    pub reads: Option<Endpoint>,
    pub sentinel: Option<SentinelWay>,
    pub auth: Auth,
    /// None without TLS.
    pub tls: Option<Tls>,
}

/// A Service with a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    pub service: String,
    pub host: String,
    pub port: u16,
}

/// How clients ask Sentinel for the primary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentinelWay {
    /// The name that Sentinel gives the primary: `mymaster`.
    pub master_set: String,
    /// The Service of all Sentinels.
    pub endpoint: Endpoint,
    /// The address of each Sentinel: `HOST:PORT`.
    pub nodes: Vec<String>,
    /// Whether Sentinel requires the password too.
    pub needs_password: bool,
}

/// Who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Auth {
    pub is_on: bool,
    /// The Secret with the password, and its key.
    pub secret: Option<String>,
    pub key: Option<String>,
    /// Who makes the Secret.
    pub made_by: Option<SecretSource>,
    /// The names of ACL users besides `default`.
    pub users: Vec<String>,
    /// The Secret with the passwords of the ACL users.
    pub users_secret: Option<String>,
}

/// The certificates of Redis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// The Secret with the certificates, if the values or the chart name it.
    pub secret: Option<String>,
    /// The files in the Secret.
    pub ca: String,
    pub certificate: String,
    pub private_key: String,
    /// Whether clients must show a certificate.
    pub requires_client_certificate: bool,
}

impl Clients {
    pub(super) fn of(objects: &Objects, values: &EffectiveValues, reach: &[Reach]) -> Self {
        let services = || objects.services.iter().zip(reach).filter(|(service, _)| !service.is_headless);
        let kind = |kind: ServiceKind| services().find(move |(service, _)| service.behind == Some(kind));
        let endpoint = |(service, reach): (&Service, &Reach)| redis_endpoint(service, reach);
        let primary = [ServiceKind::CurrentPrimary, ServiceKind::Primary].into_iter().find_map(kind);
        let alone = kind(ServiceKind::AllNodes).filter(|(_, reach)| reach.writes == Writes::Primary);
        let reads = [ServiceKind::Replicas, ServiceKind::AllNodes].into_iter().find_map(kind);
        Self {
            primary: primary.or(alone).map(endpoint),
            reads: reads.map(endpoint),
            sentinel: kind(ServiceKind::AllNodes)
                .filter(|_| values.topology == Topology::Sentinel)
                .map(|(service, reach)| SentinelWay::of(service, reach, objects, values)),
            auth: Auth::of(objects, values),
            tls: Tls::of(objects, values),
        }
    }
}

fn is_of_sentinel(port: &Port) -> bool {
    port.name.contains("sentinel")
}

fn redis_endpoint(service: &Service, reach: &Reach) -> Endpoint {
    let port = service.ports.iter().find(|port| !is_of_sentinel(port)).map_or(REDIS_PORT, |port| port.port);
    Endpoint { service: service.object.name.clone(), host: reach.local_name.clone(), port }
}

impl SentinelWay {
    fn of(service: &Service, reach: &Reach, objects: &Objects, values: &EffectiveValues) -> Self {
        let port = service.ports.iter().find(|port| is_of_sentinel(port)).map_or(SENTINEL_PORT, |port| port.port);
        let one = |setting: Setting| values.places(setting).into_iter().next();
        // The names of the pods lead to the ports of the containers.
        let at_pod = one(Setting::SentinelPort).and_then(|key| values.value(key)?.as_f64()).map(|port| port as u16);
        let master_set = one(Setting::SentinelSet).and_then(|key| values.text(key)).unwrap_or_default().to_owned();
        Self {
            master_set,
            endpoint: Endpoint { service: service.object.name.clone(), host: reach.local_name.clone(), port },
            nodes: pods(service, objects, values, at_pod.unwrap_or(SENTINEL_PORT)),
            needs_password: is_on(values, Setting::Auth) && is_on(values, Setting::AuthSentinel),
        }
    }
}

/// The addresses of the pods behind a Service, by the headless Service of their workload.
fn pods(service: &Service, objects: &Objects, values: &EffectiveValues, port: u16) -> Vec<String> {
    let Some(headless) = objects.services.iter().find(|service| service.is_headless) else { return Vec::new() };
    let name = local_name(headless, objects, values);
    let of_workload = |workload: &crate::objects::Workload| {
        let pods = workload.pods.fewest().unwrap_or_default().min(MOST_PODS);
        let pod = workload.object.name.clone();
        (0..pods).map(move |number| format!("{pod}-{number}")).collect::<Vec<_>>()
    };
    objects.behind(service).flat_map(of_workload).map(|pod| format!("{pod}.{name}:{port}")).collect()
}

/// The most pods whose addresses are listed.
const MOST_PODS: u32 = 100;

fn is_on(values: &EffectiveValues, setting: Setting) -> bool {
    values.places(setting).iter().any(|key| values.on(key))
}

impl Auth {
    fn of(objects: &Objects, values: &EffectiveValues) -> Self {
        let text = |setting: Setting| values.places(setting).iter().find_map(|key| values.text(key));
        let is_on = is_on(values, Setting::Auth);
        let key = text(Setting::ExistingSecretKey).filter(|_| text(Setting::ExistingSecret).is_some());
        let key = key.or_else(|| values.places(Setting::PasswordKey).first()).map(str::to_owned);
        let secret = objects.secrets.iter().find(|secret| key.as_ref().is_some_and(|key| secret.keys.contains(key)));
        let has_users = values.places(Setting::Acl).iter().any(|key| values.on(key));
        let users = match values.places(Setting::AclUsers).first().and_then(|key| values.value(key)) {
            Some(Value::List(users)) if has_users => {
                users.iter().filter_map(|user| user.as_map()?.get("username")?.as_str()).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        let users_secret = text(Setting::AclSecret).filter(|_| has_users).map(str::to_owned);
        match secret.filter(|_| is_on) {
            Some(Secret { name, from, .. }) => {
                Self { is_on, secret: Some(name.clone()), key, made_by: Some(*from), users, users_secret }
            }
            None => Self { is_on, secret: None, key: None, made_by: None, users, users_secret },
        }
    }
}

impl Tls {
    fn of(objects: &Objects, values: &EffectiveValues) -> Option<Self> {
        if !is_on(values, Setting::Tls) {
            return None;
        }
        let text = |setting: Setting| values.places(setting).iter().find_map(|key| values.text(key));
        // The names in the certificates of the chart. Source: templates/tls-secret.yaml.
        let or = |setting: Setting, name: &str| text(setting).unwrap_or(name).to_owned();
        let (ca, certificate) = (or(Setting::TlsCa, "ca.crt"), or(Setting::TlsCert, "tls.crt"));
        let secret = text(Setting::TlsSecret).map(str::to_owned).or_else(|| {
            let holds = |secret: &&Secret| secret.keys.contains(&certificate);
            objects.secrets.iter().find(holds).map(|secret| secret.name.clone())
        });
        Some(Self {
            secret,
            ca,
            certificate,
            private_key: or(Setting::TlsKey, "tls.key"),
            requires_client_certificate: is_on(values, Setting::TlsAuthClients),
        })
    }
}
