//! How much memory and CPU Redis gets, and what it does when the memory is full.

use super::{Draft, RecommendedOption, Refusal};
use crate::{
    chart::Setting,
    intent::{Bytes, Eviction, Field, Intent, Quantity},
    yaml::{Map, Value},
};

/// Memory for code and for buffers of clients and replicas (redis.io, Memory optimization; measured idle use is below
/// 20 MiB).
const BASE: u64 = 64 << 20;

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if let Some(eviction) = intent.eviction {
        if intent.maxmemory.is_none() && eviction != Eviction::Noeviction {
            let text = "Redis evicts keys only with a limit. Set `maxmemory`";
            return Err(Refusal::new(&[Field::Eviction, Field::Maxmemory], text));
        }
        draft.conf("maxmemory-policy", policy(eviction), &[Field::Eviction]);
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
            return Err(Refusal::new(&[Field::Maxmemory, Field::Memory], text));
        }
    }
    if intent.maxmemory.is_none() && intent.memory.is_some() {
        let way = RecommendedOption {
            field: Field::Maxmemory,
            says: "`maxmemory` with at most two thirds of the container's memory",
            take: |intent| {
                intent.maxmemory = intent.memory.as_ref().map(|memory| Bytes((memory.bytes() / 3 * 2).max(1)))
            },
        };
        draft.advise("maxmemory-unset", &[way], "");
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
    resources(intent, draft)
}

fn resources(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let forks = intent.persistence != Some(false) || intent.aof == Some(true) || intent.save.is_some();
    let memory = match (&intent.memory, intent.maxmemory) {
        (Some(memory), _) => Some((memory.clone(), Field::Memory, "memory of the container")),
        // Copy-on-write of a fork can double the data (redis.io, Persistence); without forks half more is room for
        // fragmentation and buffers.
        (None, Some(max)) if forks => Some((
            Quantity::mebibytes(max.0.saturating_mul(2) + BASE),
            Field::Maxmemory,
            "2 x maxmemory + 64Mi, for forks that save",
        )),
        (None, Some(max)) => Some((
            Quantity::mebibytes(max.0.saturating_add(max.0 / 2) + BASE),
            Field::Maxmemory,
            "1.5 x maxmemory + 64Mi, for fragmentation and buffers",
        )),
        (None, None) => None,
    };
    let (mut requests, mut limits, mut options, mut why) = (Map::new(), Map::new(), Vec::new(), Vec::new());
    if let Some(cpu) = &intent.cpu {
        requests.insert("cpu", Value::from(cpu.to_string()));
        options.push(Field::Cpu);
        why.push(format!("{cpu} CPU"));
    }
    if let Some((memory, wish, reason)) = memory {
        requests.insert("memory", Value::from(memory.to_string()));
        limits.insert("memory", Value::from(memory.to_string()));
        options.push(wish);
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
