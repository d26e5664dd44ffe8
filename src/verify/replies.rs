//! The replies of Redis and Sentinel as data: `ROLE`, `INFO`, `CONFIG GET` and the lists of Sentinel.

use std::collections::BTreeMap;

use super::resp::Reply;

/// The reply of `ROLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    Primary {
        replicas: usize,
    },
    Replica {
        /// `HOST:PORT` of the primary that it follows
        of: String,
        /// `connected`, `connect`, `connecting`, `sync`
        link: String,
    },
}

impl Role {
    /// None for another reply, such as that of a Sentinel.
    pub fn of(reply: &Reply) -> Option<Self> {
        let items = reply.items();
        match items.first()?.text()? {
            // Redis itself reports these roles.
            "master" => Some(Self::Primary { replicas: items.get(2)?.items().len() }),
            "slave" => {
                let host = items.get(1)?.text()?;
                let port = items.get(2)?.integer()?;
                Some(Self::Replica { of: format!("{host}:{port}"), link: items.get(3)?.text()?.to_owned() })
            }
            _ => None,
        }
    }
}

/// The fields of `INFO`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info(BTreeMap<String, String>);

impl Info {
    pub fn of(reply: &Reply) -> Self {
        let lines = reply.text().unwrap_or_default().lines();
        Self(lines.filter_map(|line| line.trim().split_once(':')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    pub fn number(&self, field: &str) -> Option<i64> {
        self.get(field)?.parse().ok()
    }

    /// The replicas of a primary: `slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=0`.
    pub fn replicas(&self) -> Vec<FollowingReplica> {
        let is_replica = |field: &str| {
            field.strip_prefix("slave").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let parts = |text: &str| -> BTreeMap<String, String> {
            text.split(',').filter_map(|part| part.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
        };
        let of_line = |line: BTreeMap<String, String>| {
            let text = |name: &str| line.get(name).cloned().unwrap_or_default();
            FollowingReplica {
                address: format!("{}:{}", text("ip"), text("port")),
                state: text("state"),
                lag: line.get("lag").and_then(|lag| lag.parse().ok()),
            }
        };
        self.0.iter().filter(|(field, _)| is_replica(field)).map(|(_, line)| of_line(parts(line))).collect()
    }
}

/// A replica, as its primary sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowingReplica {
    pub address: String,
    /// `online`, `send_bulk`, `wait_bgsave`
    pub state: String,
    /// Seconds since the last message of the replica.
    pub lag: Option<i64>,
}

/// A server in a list of Sentinel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedServer {
    pub name: String,
    /// `HOST:PORT`
    pub address: String,
    pub run_id: String,
    /// `master`, `slave`, `s_down`, `o_down`, `disconnected`, ...
    pub flags: Vec<String>,
    fields: BTreeMap<String, String>,
}

/// The flags of a server that Sentinel does not reach.
const GONE: [&str; 3] = ["s_down", "o_down", "disconnected"];

impl ListedServer {
    /// The servers in the reply of `SENTINEL MASTERS`, `SENTINEL REPLICAS` or `SENTINEL SENTINELS`.
    pub fn all(reply: &Reply) -> Vec<Self> {
        reply.items().iter().map(Self::of).collect()
    }

    fn of(entry: &Reply) -> Self {
        let pairs = entry.items().chunks_exact(2);
        let fields: BTreeMap<String, String> =
            pairs.filter_map(|pair| Some((pair[0].text()?.to_owned(), pair[1].text()?.to_owned()))).collect();
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self {
            name: text("name"),
            address: format!("{}:{}", text("ip"), text("port")),
            run_id: text("runid"),
            flags: text("flags").split(',').map(str::to_owned).collect(),
            fields: fields.clone(),
        }
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    pub fn number(&self, field: &str) -> Option<i64> {
        self.get(field)?.parse().ok()
    }

    /// Whether Sentinel does not reach the server.
    pub fn is_gone(&self) -> bool {
        self.flags.iter().any(|flag| GONE.contains(&flag.as_str()))
    }

    pub fn host_and_port(&self) -> Option<(&str, u16)> {
        let (host, port) = self.address.rsplit_once(':')?;
        Some((host, port.parse().ok().filter(|port| *port > 0)?))
    }
}

/// The pairs of names and values in replies of `CONFIG GET`.
pub fn config<'a>(replies: impl IntoIterator<Item = &'a Reply>) -> BTreeMap<String, String> {
    let pairs = replies.into_iter().flat_map(|reply| reply.items().chunks_exact(2));
    pairs.filter_map(|pair| Some((pair[0].text()?.to_owned(), pair[1].text()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Reply {
        Reply::Text(text.to_owned())
    }

    #[test]
    fn roles_are_read() {
        let primary = Reply::List(vec![text("master"), Reply::Integer(9), Reply::List(vec![Reply::List(vec![])])]);
        assert_eq!(Role::of(&primary), Some(Role::Primary { replicas: 1 }));
        let replica = Reply::List(vec![text("slave"), text("a"), Reply::Integer(7), text("connected")]);
        assert_eq!(Role::of(&replica), Some(Role::Replica { of: "a:7".to_owned(), link: "connected".to_owned() }));
        assert_eq!(Role::of(&Reply::List(vec![text("sentinel"), Reply::List(vec![])])), None);
        assert_eq!(Role::of(&Reply::Nil), None);
    }

    #[test]
    fn info_has_the_replicas_of_a_primary() {
        let info = Info::of(&text(
            "# Replication\r\nrole:master\r\nslave0:ip=a,port=1,state=online,offset=5,lag=3\r\nslave_priority:100\r\n",
        ));
        assert_eq!(info.get("role"), Some("master"));
        let replica = FollowingReplica { address: "a:1".to_owned(), state: "online".to_owned(), lag: Some(3) };
        assert_eq!(info.replicas(), [replica]);
    }

    #[test]
    fn a_list_of_sentinel_has_flags() {
        let entry = ["name", "x", "ip", "h", "port", "1", "flags", "slave,s_down"].map(text).to_vec();
        let servers = ListedServer::all(&Reply::List(vec![Reply::List(entry), Reply::Nil]));
        assert_eq!((servers[0].address.as_str(), servers[0].is_gone()), ("h:1", true));
        assert_eq!(servers[0].host_and_port(), Some(("h", 1)));
        assert_eq!(servers[1].host_and_port(), None);
    }
}
