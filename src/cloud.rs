//! Stands in for the facts about clouds.

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($name:ident, $doc:literal: $($variant:ident),* $(,)?) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($variant),* }
    };
}

names!(Cloud, "Where the cluster runs.": Aws, Gcp, Azure, Oci, Digitalocean, Hetzner, Linode, Scaleway, Openstack, Ovh, Stackit,
    Alibaba, Tencent, Huawei, Baidu, Ibm, Yandex, Naver, Upcloud, Cloudscale, Exoscale, Civo, Vultr, Metallb, KubeVip,
    Cilium, K3s, Bare);
names!(LbController, "What makes the load balancers.": InTree, AwsLoadBalancerController);
