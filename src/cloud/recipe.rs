//! Recipes: the effect of an option on a cloud. The facts are in `recipes.tsv`, and `service.rs` applies them.

use super::controller::{Controller, LbController};
use super::refusal::word as name;
use super::{Cloud, Confidence, LoadBalancerRequest, Reachability, RequestedOption};
use crate::{
    lazy::LazyRows,
    table::{Table, filled, number, table, word, words},
};
use clap::ValueEnum;
use serde::Deserialize;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::{LazyLock, OnceLock};

/// A row of the table.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) clouds: Vec<Cloud>,
    /// Empty for every controller of the cloud.
    pub(super) controllers: Vec<LbController>,
    pub(super) when: Vec<When>,
    pub(super) effect: Effect,
    pub(super) certainty: Confidence,
    pub(super) source: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum When {
    Always,
    Internal,
    Public,
    Subnet,
    NoSubnet,
    Address,
    AddressIp,
    AddressId,
    NoAddress,
    Ranges,
    NoRanges,
    Idle,
    Class,
    NoClass,
}

#[derive(Debug)]
pub(super) enum Effect {
    Annotate {
        key: &'static str,
        value: &'static str,
    },
    /// An annotation that other controllers of the cloud read.
    Also {
        key: &'static str,
        value: &'static str,
    },
    Class {
        name: &'static str,
        required: bool,
    },
    LoadBalancerIp,
    SourceRanges,
    Fulfilled {
        id: &'static str,
        sentence: &'static str,
    },
    Note {
        id: &'static str,
        sentence: &'static str,
    },
    IdleLimit(RangeInclusive<u32>),
    Refuse {
        wish: RequestedOption,
        why: &'static str,
        instead: &'static str,
    },
}

impl When {
    pub(super) fn holds(self, wish: &LoadBalancerRequest) -> bool {
        match self {
            Self::Always => true,
            Self::Internal => wish.reach == Reachability::Internal,
            Self::Public => wish.reach == Reachability::Public,
            Self::Subnet => wish.subnet.is_some(),
            Self::NoSubnet => wish.subnet.is_none(),
            Self::Address => wish.static_address.is_some(),
            Self::AddressIp => wish.static_address.is_some_and(is_address),
            Self::AddressId => wish.static_address.is_some_and(|text| !is_address(text)),
            Self::NoAddress => wish.static_address.is_none(),
            Self::Ranges => !wish.source_ranges.is_empty(),
            Self::NoRanges => wish.source_ranges.is_empty(),
            Self::Idle => wish.idle_timeout.is_some(),
            Self::Class => wish.class_available,
            Self::NoClass => !wish.class_available,
        }
    }

    /// The option that a row with this condition implements.
    pub(super) const fn answers(self) -> Option<RequestedOption> {
        match self {
            Self::Internal => Some(RequestedOption::InternalLb),
            Self::Subnet => Some(RequestedOption::Subnet),
            Self::Address | Self::AddressIp | Self::AddressId => Some(RequestedOption::StaticAddress),
            Self::Ranges => Some(RequestedOption::SourceRanges),
            Self::Idle => Some(RequestedOption::IdleTimeout),
            Self::Always | Self::Public | Self::NoSubnet | Self::NoAddress | Self::NoRanges => None,
            Self::Class | Self::NoClass => None,
        }
    }
}

impl Recipe {
    pub(super) fn is_for(&self, way: &Controller) -> bool {
        self.clouds.contains(&way.cloud) && (self.controllers.is_empty() || self.controllers.contains(&way.controller))
    }

    /// The options that this row implements.
    pub(super) fn answers(&self) -> impl Iterator<Item = RequestedOption> {
        let has_effect = match self.effect {
            Effect::Annotate { .. } | Effect::Class { .. } | Effect::Fulfilled { .. } => true,
            Effect::LoadBalancerIp | Effect::SourceRanges => true,
            Effect::Also { .. } | Effect::Note { .. } | Effect::IdleLimit(_) | Effect::Refuse { .. } => false,
        };
        self.when.iter().filter_map(|when| when.answers()).filter(move |_| has_effect)
    }
}

/// Whether the text is an IP address or several with commas, and not a name or id.
fn is_address(text: &str) -> bool {
    text.split(',').all(|part| part.trim().parse::<IpAddr>().is_ok())
}

/// The rows for a cloud, in order. Other rows, which are nearly all, are not parsed.
pub(super) fn recipes_for(cloud: Cloud) -> &'static [&'static Recipe] {
    static OF_CLOUDS: LazyLock<Box<[OnceLock<Vec<&Recipe>>]>> =
        LazyLock::new(|| Cloud::value_variants().iter().map(|_| OnceLock::new()).collect());
    OF_CLOUDS[cloud as usize].get_or_init(|| {
        let cloud = name(cloud);
        ROWS.such(|clouds| clouds.split(',').any(|one| one == cloud)).collect()
    })
}

/// All rows, in order.
#[cfg(test)]
pub(super) fn recipes() -> impl Iterator<Item = &'static Recipe> {
    ROWS.such(|_| true)
}

static ROWS: LazyLock<LazyRows<8, Recipe>> = LazyLock::new(|| LazyRows::new(TABLE, read));

const TABLE: Table<8> =
    table!("src/cloud/recipes.tsv", ["cloud", "controller", "when", "effect", "name", "value", "certainty", "source",]);

fn read(cells: [&'static str; 8]) -> Result<Recipe, String> {
    let [clouds, controllers, when, effect, name, value, certainty, source] = cells;
    let effect = match effect {
        "annotate" => Effect::Annotate { key: filled(name)?, value: filled(value)? },
        "also" => Effect::Also { key: filled(name)?, value: filled(value)? },
        "class" => Effect::Class {
            name: filled(value)?,
            required: match name {
                "required" => true,
                "preferred" => false,
                _ => return Err(format!("`{name}` is neither required nor preferred")),
            },
        },
        "field" => match name {
            "load-balancer-ip" => Effect::LoadBalancerIp,
            "source-ranges" => Effect::SourceRanges,
            _ => return Err(format!("`{name}` is not a field")),
        },
        "fulfilled" => Effect::Fulfilled { id: filled(name)?, sentence: filled(value)? },
        "note" => Effect::Note { id: filled(name)?, sentence: filled(value)? },
        "limit" => {
            let (from, to) = value.split_once("..").ok_or_else(|| format!("`{value}` is not a range"))?;
            Effect::IdleLimit(number(from)?..=number(to)?)
        }
        "refuse" => {
            let (why, instead) = value.split_once('|').ok_or("no `|` before what to do instead")?;
            Effect::Refuse { wish: word(name)?, why: filled(why)?, instead: filled(instead)? }
        }
        _ => return Err(format!("`{effect}` is not an effect")),
    };
    Ok(Recipe {
        clouds: words(clouds, ',')?,
        controllers: if controllers == "*" { Vec::new() } else { words(controllers, ',')? },
        when: words(when, ' ')?,
        effect,
        certainty: word(certainty)?,
        source: filled(source)?,
    })
}
