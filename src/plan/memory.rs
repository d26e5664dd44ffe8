//! How much memory and CPU Redis gets, and what it does when the memory is full.

use super::{Draft, RecommendedOption, Refusal};
use crate::{
    chart::{Setting, Topology},
    intent::{Bytes, Eviction, Field, Intent, Quantity},
    yaml::{Map, Value},
};

/// Memory for code and for buffers of clients and replicas (redis.io, Memory optimization; measured idle use is below
/// 20 MiB).
const BASE: u64 = 64 << 20;

/// How much of the memory of a container is for data.
struct Share {
    /// The memory that one byte of data needs, in halves.
    halves: u64,
    /// The reason of the factor.
    why: &'static str,
}

impl Share {
    fn of(intent: &Intent, topology: Topology) -> Self {
        let saves = intent.persistence != Some(false)
            || intent.aof == Some(true)
            || intent.save.as_ref().is_some_and(|rules| !rules.trim().is_empty());
        // Copy-on-write of a fork can double the data (redis.io, Persistence). A fork saves the data, or writes them for
        // a replica that starts (redis.io, Replication). Without forks, half more is room for fragmentation and buffers.
        match (saves, topology == Topology::Standalone) {
            (true, _) => Self { halves: 4, why: "for forks that save" },
            (false, false) => Self { halves: 4, why: "for forks that copy the data to a replica" },
            (false, true) => Self { halves: 3, why: "for fragmentation and buffers" },
        }
    }

    /// The bytes of the container for a limit of the data.
    fn memory(&self, maxmemory: Bytes) -> u64 {
        maxmemory.0.saturating_mul(self.halves) / 2 + BASE
    }

    /// The limit of the data for the bytes of a container, in whole mebibytes.
    fn maxmemory(&self, memory: u64) -> Option<Bytes> {
        let mebibytes = (memory.checked_sub(BASE)? * 2 / self.halves) >> 20;
        (mebibytes > 0).then_some(Bytes(mebibytes << 20))
    }

    fn formula(&self) -> String {
        let factor = if self.halves == 4 { "2" } else { "1.5" };
        format!("{factor} x maxmemory + 64Mi, {}", self.why)
    }
}

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(eviction) = intent.eviction {
        if intent.maxmemory.is_none() && intent.memory.is_none() && eviction != Eviction::Noeviction {
            let text = "Redis evicts keys only with a limit. Set `maxmemory` or `memory`";
            return Err(Refusal::new(&[Field::Eviction, Field::Maxmemory], text));
        }
        draft.conf("maxmemory-policy", policy(eviction), &[Field::Eviction]);
    }
    let share = Share::of(intent, draft.topology);
    if let (None, Some(memory)) = (intent.maxmemory, &intent.memory) {
        let maxmemory = share.maxmemory(memory.bytes()).ok_or_else(|| {
            let text =
                format!("{memory} leaves no memory for data ({}). Raise `memory`, or set `maxmemory`", share.formula());
            Refusal::new(&[Field::Memory], text)
        })?;
        draft.conf("maxmemory", maxmemory.to_string(), &[Field::Memory]);
    }
    if let Some(maxmemory) = intent.maxmemory {
        draft.conf("maxmemory", maxmemory.to_string(), &[Field::Maxmemory]);
        if let Some(memory) = &intent.memory
            && maxmemory.0 >= memory.bytes()
        {
            let text = format!(
                "{maxmemory} does not fit into a container with {memory}: the kernel kills Redis before Redis evicts \
                 a key. Raise `memory`"
            );
            // Without the `maxmemory` of an earlier profile, it is calculated from the memory.
            return Err(Refusal { meaningless: true, ..Refusal::new(&[Field::Maxmemory, Field::Memory], text) });
        }
    }
    if intent.maxmemory.is_none() && intent.memory.is_none() {
        let way = RecommendedOption {
            field: Field::Memory,
            says: "`memory`",
            take: |intent| intent.memory = Some(Quantity::mebibytes(1 << 30)),
        };
        // Without data on a volume, a killed Redis starts empty.
        if intent.persistence == Some(false) || intent.aof == Some(false) {
            draft.advise("preset-resources", &[way], "");
        } else {
            draft.warn("preset-resources", &[way]);
        }
        draft.warn("maxmemory-unset", &[way]);
    }
    if let Some(seconds) = intent.tcp_keepalive {
        draft.conf("tcp-keepalive", seconds.to_string(), &[Field::TcpKeepalive]);
    }
    resources(intent, &share, draft)
}

fn resources(intent: &Intent, share: &Share, draft: &mut Draft) -> Result<(), Refusal> {
    let memory = match (&intent.memory, intent.maxmemory) {
        (Some(memory), Some(_)) => Some((memory.clone(), Field::Memory, "memory of the container".to_owned())),
        (Some(memory), None) => Some((memory.clone(), Field::Memory, share.formula())),
        (None, Some(max)) => Some((Quantity::mebibytes(share.memory(max)), Field::Maxmemory, share.formula())),
        (None, None) => None,
    };
    let (mut requests, mut limits, mut options, mut why) = (Map::new(), Map::new(), Vec::new(), Vec::new());
    if let Some(cpu) = &intent.cpu {
        requests.insert("cpu", Value::from(cpu.to_string()));
        options.push(Field::Cpu);
        why.push(format!("{cpu} CPU"));
    }
    if let Some((memory, option, reason)) = memory {
        requests.insert("memory", Value::from(memory.to_string()));
        limits.insert("memory", Value::from(memory.to_string()));
        options.push(option);
        why.push(format!("{memory}: {reason}"));
    }
    if requests.is_empty() {
        return Ok(());
    }
    let mut resources = Map::new();
    resources.insert("requests", requests.into());
    if !limits.is_empty() {
        resources.insert("limits", limits.into());
    }
    draft.say(Setting::Resources, resources, &options, why.join(", "))
}

fn policy(eviction: Eviction) -> &'static str {
    match eviction {
        Eviction::Noeviction => "noeviction",
        Eviction::AllkeysLru => "allkeys-lru",
        Eviction::AllkeysLfu => "allkeys-lfu",
        Eviction::AllkeysRandom => "allkeys-random",
        Eviction::VolatileLru => "volatile-lru",
        Eviction::VolatileLfu => "volatile-lfu",
        Eviction::VolatileRandom => "volatile-random",
        Eviction::VolatileTtl => "volatile-ttl",
    }
}
