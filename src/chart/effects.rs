//! TEMPORARY
use super::{Chart, Topology};
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    Data,
    Workload,
    Immutable,
    Password,
    Reach,
    Scale,
    Pods,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effects(u8);
impl Effect {
    pub const ALL: [Self; 7] =
        [Self::Data, Self::Workload, Self::Immutable, Self::Password, Self::Reach, Self::Scale, Self::Pods];
}
impl Effects {
    pub fn iter(self) -> impl Iterator<Item = Effect> {
        Effect::ALL.into_iter().filter(move |e| self.contains(*e))
    }
    pub fn contains(self, e: Effect) -> bool {
        self.0 & (1 << e as u8) != 0
    }
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    pub fn with(self, e: Effect) -> Self {
        Self(self.0 | 1 << e as u8)
    }
}
impl Chart {
    pub fn effects(&self, _: &str, _: Topology) -> Effects {
        Effects::default()
    }
}
impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::Workload => "workload",
            Self::Immutable => "immutable",
            Self::Password => "password",
            Self::Reach => "reach",
            Self::Scale => "scale",
            Self::Pods => "pods",
        })
    }
}
