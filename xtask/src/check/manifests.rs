//! What the manifests may never say.

use serde_json::Value;

/// Every fault of one browser's manifest, in words.
pub(super) fn problems(name: &str, manifest: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if manifest.get("web_accessible_resources").is_some() {
        problems.push(format!(
            "{name}: web_accessible_resources would let every page see that Pearvault is installed"
        ));
    }
    if manifest.get("externally_connectable").is_some() {
        problems.push(format!(
            "{name}: externally_connectable would let pages speak to the engine"
        ));
    }
    let policy = manifest["content_security_policy"]["extension_pages"].as_str();
    let scripts = policy.and_then(|policy| {
        policy
            .split(';')
            .find_map(|directive| directive.trim().strip_prefix("script-src "))
    });
    if scripts != Some("'self' 'wasm-unsafe-eval'") {
        problems.push(format!(
            "{name}: scripts may come from the extension alone, not {scripts:?}"
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(text: &str) -> Value {
        json!({"content_security_policy": {"extension_pages": text}})
    }

    #[test]
    fn the_strict_policy_passes() {
        let good = policy("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");
        assert_eq!(problems("x", &good), [""; 0]);
    }

    #[test]
    fn looser_policies_are_refused() {
        for text in [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'",
            "script-src 'self' 'wasm-unsafe-eval' https://cdn.example",
        ] {
            assert_eq!(problems("x", &policy(text)).len(), 1, "{text}");
        }
        assert_eq!(problems("x", &json!({})).len(), 1);
    }

    #[test]
    fn resources_that_pages_could_see_are_refused() {
        let mut manifest = policy("script-src 'self' 'wasm-unsafe-eval'");
        manifest["web_accessible_resources"] = json!([]);
        manifest["externally_connectable"] = json!({});
        assert_eq!(problems("x", &manifest).len(), 2);
    }
}
