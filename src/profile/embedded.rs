//! The built-in profiles.

use std::borrow::Cow;

use super::{ProfileError, ProfileText, Source};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        /// Name and text of every profile in `profiles/`, sorted.
        pub const EMBEDDED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../profiles/", $name, ".yaml")))),*];
    };
}

embedded! {
    "alibaba-internal",
    "aws-internal",
    "azure-internal",
    "baidu-internal",
    "cache",
    "cilium-internal",
    "cloudscale-internal",
    "dev",
    "digitalocean-internal",
    "gcp-internal",
    "ha",
    "hetzner-internal",
    "huawei-internal",
    "ibm-internal",
    "kube-vip-internal",
    "linode-internal",
    "metallb-internal",
    "naver-internal",
    "oci-internal",
    "openstack-internal",
    "ovh-internal",
    "production",
    "scaleway-internal",
    "stackit-internal",
    "store",
    "tencent-internal",
    "upcloud-internal",
    "yandex-internal",
}

/// The source of the built-in profiles.
pub struct Embedded;

impl Source for Embedded {
    fn find(&self, name: &str, from: usize) -> Result<Option<ProfileText>, ProfileError> {
        let text = EMBEDDED.iter().find(|(known, _)| *known == name).filter(|_| from == 0);
        Ok(text.map(|(name, text)| ProfileText {
            file: format!("embedded:{name}.yaml"),
            shelf: 0,
            embedded: true,
            bytes: Cow::Borrowed(text.as_bytes()),
        }))
    }

    fn names(&self) -> Vec<String> {
        EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
}
