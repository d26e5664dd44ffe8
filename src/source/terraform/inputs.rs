//! What a Terraform text gets from outside of it: the variables of its folder, the arguments of a call, an instance.

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;

use super::Variables;

/// The most calls of one folder, and the most instances of one block, that are read one by one.
pub const MOST_CALLS: usize = 50;

/// Facts from other files about the Terraform files of a folder.
#[derive(Debug, Clone, Default)]
pub struct FolderInputs {
    /// The variables and locals of all files of the folder, with the defaults of the variables.
    pub variables: Variables,
    /// The calls of the folder as a module.
    pub calls: Vec<ModuleCall>,
}

/// A call of a module.
#[derive(Debug, Clone, Default)]
pub struct ModuleCall {
    /// The address of the call: `module.cache`, or `module.cache["a"]` with `for_each`.
    pub address: String,
    /// The arguments by the name of their variable. `None` for an argument with an unknown value.
    pub arguments: BTreeMap<String, Option<Expression>>,
    /// The defaults of variables that are lists or objects, from all files of the module.
    pub defaults: BTreeMap<String, Expression>,
    /// The folder where Terraform runs, from the root of the repository.
    pub root: String,
    /// The variables and locals of all files of the module, with these arguments.
    pub variables: Variables,
    /// Why the call makes nothing.
    pub off: Option<String>,
}

/// One of the instances that `for_each` or `count` makes of a block.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    /// The key of the instance, or its number.
    pub key: String,
    /// The value of the instance. `None` with `count`.
    pub value: Option<Expression>,
}

impl Instance {
    /// The address of the instance below the address of its block.
    pub fn address(&self, block: &str) -> String {
        match self.value {
            Some(_) => format!("{block}[\"{}\"]", self.key),
            None => format!("{block}[{}]", self.key),
        }
    }
}
