use super::*;

#[test]
fn manifest_starts_this_program_for_our_extension_and_for_no_other() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("pearvault-host");
    for family in [Family::Chromium, Family::Firefox] {
        let browser = Browser {
            family,
            ..in_profile(&folder.path().join(format!("{family:?}")))
        };
        assert_eq!(browser.standing(&program), Standing::Absent);
        browser.install(&program, false)?;
        assert_eq!(browser.standing(&program), Standing::Here);
        let other = folder.path().join("other");
        assert_eq!(
            browser.standing(&other),
            Standing::Other(Some(program.clone()))
        );
        let text = fs::read_to_string(&browser.manifest)?;
        fs::write(
            &browser.manifest,
            text.replace("oihokj", "aaaaaa").replace("pearvault@", "x@"),
        )?;
        assert_eq!(
            browser.standing(&program),
            Standing::Other(Some(program.clone()))
        );
        fs::write(&browser.manifest, "{")?;
        assert_eq!(browser.standing(&program), Standing::Other(None));
        browser.uninstall(false)?;
        browser.uninstall(false)?;
        assert_eq!(browser.standing(&program), Standing::Absent);
    }
    Ok(())
}

#[test]
fn what_a_package_has_registered_for_all_users_counts() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("pearvault-host");
    let of_all = in_profile(&folder.path().join("all"));
    let of_user = Browser {
        for_all: Some(of_all.manifest.clone()),
        ..in_profile(&folder.path().join("user"))
    };
    assert_eq!(of_user.standing(&program), Standing::Absent);
    of_all.install(&program, false)?;
    assert_eq!(of_user.standing(&program), Standing::Here);
    let own = folder.path().join("own");
    of_user.install(&own, false)?;
    assert_eq!(of_user.standing(&program), Standing::Other(Some(own)));
    Ok(())
}

#[test]
#[cfg(target_os = "linux")]
fn manifests_of_a_package_start_its_program_for_all_users() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Path::new("/usr/bin/pearvault-host");
    let all = packaged(program)?;
    for name in ["Brave", "Chrome", "Chromium", "Edge", "Firefox"] {
        let one = all.iter().find(|one| one.browser == name);
        let one = one.ok_or_else(|| io::Error::other(name))?;
        assert!(!one.place.starts_with("/home"), "{name}");
        let browser = Browser {
            family: one.family,
            manifest: folder.path().join(name),
            ..in_profile(folder.path())
        };
        fs::write(&browser.manifest, &one.manifest)?;
        assert_eq!(browser.standing(program), Standing::Here, "{name}");
    }
    Ok(())
}

#[test]
fn browsers_of_the_issue_have_a_place() {
    let named = by_name(browsers(false));
    let mut expected = vec![
        "Brave",
        "Chrome",
        "Chromium",
        "Edge",
        "Firefox",
        "LibreWolf",
        "Vivaldi",
    ];
    // On Windows it goes by Firefox' entry in the registry.
    if cfg!(unix) {
        expected.push("Zen");
    }
    for name in expected {
        assert!(named.contains_key(name), "{name} in {:?}", named.keys());
    }
}
