//! Which of our crates may import which.

use crate::workspace::Package;

/// Each crate with what it may import outside its tests. Nothing imports what is not on any right
/// side: programs and tools stand at the end of the line.
const MAY_IMPORT: [(&str, &[&str]); 20] = [
    ("proto", &[]),
    ("pow", &[]),
    ("wasm-core", &["proto", "pow"]),
    ("engine", &["proto", "wasm-core"]),
    ("forms", &["proto"]),
    ("transfer", &["proto", "wasm-core"]),
    ("webext", &["proto"]),
    ("background", &["proto", "webext", "engine", "forms"]),
    ("popup", &["proto", "webext"]),
    ("strength", &[]),
    ("codes", &[]),
    ("exchange", &["proto", "transfer"]),
    ("solver", &["proto", "pow"]),
    ("gpu", &["pow"]),
    ("host", &["proto", "pow", "wasm-core", "engine"]),
    ("node", &["proto", "pow", "wasm-core"]),
    ("testkit", &["proto", "engine", "wasm-core"]),
    ("e2e", &["proto", "pow", "testkit"]),
    (
        "bench",
        &["proto", "wasm-core", "engine", "testkit", "transfer"],
    ),
    ("xtask", &[]),
];

/// Every import that is not allowed, in words.
pub(super) fn problems(packages: &[Package]) -> Vec<String> {
    let short = |name: &str| name.strip_prefix("pearvault-").unwrap_or(name).to_owned();
    let ours: Vec<String> = packages
        .iter()
        .map(|package| short(&package.name))
        .collect();
    let mut problems = Vec::new();
    for package in packages {
        let from = short(&package.name);
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == from) else {
            problems.push(format!(
                "{from} has no line in the list of who may import whom"
            ));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| !dependency.dev)
        {
            let to = short(&dependency.name);
            if ours.contains(&to) && !allowed.contains(&to.as_str()) {
                problems.push(format!("{from} may not import {to}"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
        let dependencies = dependencies.iter().map(|&(name, dev)| Dependency {
            name: format!("pearvault-{name}"),
            dev,
        });
        Package {
            name: format!("pearvault-{name}"),
            folder: name.into(),
            dependencies: dependencies.collect(),
            default_member: true,
            only_cdylib: false,
        }
    }

    #[test]
    fn the_popup_cannot_reach_a_key() {
        for secret in ["engine", "wasm-core"] {
            let packages = [package("popup", &[(secret, false)]), package(secret, &[])];
            assert_eq!(
                problems(&packages),
                [format!("popup may not import {secret}")]
            );
        }
    }

    #[test]
    fn tests_may_import_what_code_may_not() {
        let packages = [
            package("engine", &[("testkit", true)]),
            package("testkit", &[]),
        ];
        assert_eq!(problems(&packages), [""; 0]);
        let packages = [
            package("engine", &[("testkit", false)]),
            package("testkit", &[]),
        ];
        assert_eq!(problems(&packages).len(), 1);
    }

    #[test]
    fn a_crate_that_nobody_listed_is_noticed() {
        assert_eq!(problems(&[package("stranger", &[])]).len(), 1);
    }

    #[test]
    fn crates_of_others_do_not_matter() {
        let mut proto = package("proto", &[]);
        proto.dependencies.push(Dependency {
            name: "serde".to_owned(),
            dev: false,
        });
        assert_eq!(problems(&[proto]), [""; 0]);
    }
}
