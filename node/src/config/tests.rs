//! Facts about the configuration. The environment is clap's: it reads it where a flag is absent.

use std::fs;

use clap::Parser as _;

use super::*;

type TestResult = Result<(), Box<dyn std::error::Error>>;

fn parse(flags: &[&str]) -> Result<ServeArgs, clap::Error> {
    let words = ["pearvault-node", "serve"]
        .into_iter()
        .chain(flags.iter().copied());
    match Cli::try_parse_from(words)?.command {
        Command::Serve(args) => Ok(*args),
        other => panic!("{other:?}"),
    }
}

fn resolve(folder: &Path, flags: &[&str]) -> anyhow::Result<Config> {
    let args = ServeArgs {
        data: Some(folder.to_owned()),
        ..parse(flags)?
    };
    Ok(Config::resolve(args)?)
}

#[test]
fn nothing_is_needed() -> TestResult {
    let folder = tempfile::tempdir()?;
    let config = resolve(folder.path(), &[])?;
    assert_eq!(config.domains, ["localhost"]);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8787");
    assert_eq!(config.account_difficulty.get(), 70_000_000);
    assert_eq!(config.login_difficulty.get(), 7_000_000);
    assert_eq!(config.api_domain(config.listen), "localhost:8787");
    assert_eq!(config.registration, Registration::Open);
    Ok(())
}

#[test]
fn flag_beats_file_and_file_beats_default() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = "domain = \"file.example\"\nlogin_difficulty = 5\nregistration = \"closed\"\nrate_per_second = \"off\"\n";
    fs::write(folder.path().join(FILE_NAME), file)?;
    let config = resolve(folder.path(), &[])?;
    assert_eq!(config.domains, ["file.example"]);
    assert_eq!(config.login_difficulty.get(), 5);
    assert_eq!(config.registration, Registration::Closed);
    assert_eq!(config.rate, None);
    assert_eq!(config.api_domain(config.listen), "file.example");
    let flags = [
        "--domain",
        "flag.example",
        "--login-difficulty",
        "6",
        "--rate",
        "7",
    ];
    let config = resolve(folder.path(), &flags)?;
    assert_eq!(config.domains, ["flag.example"]);
    assert_eq!(config.login_difficulty.get(), 6);
    assert_eq!(config.registration, Registration::Closed);
    assert_eq!(config.rate.map(|rate| rate.per_second.get()), Some(7));
    Ok(())
}

#[test]
fn named_file_is_read_instead_of_the_data_folders() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join(FILE_NAME), "domain = \"folder.example\"")?;
    let named = folder.path().join("named.toml");
    let data = folder.path().join("elsewhere");
    fs::write(
        &named,
        format!("domain = \"named.example\"\ndata = {data:?}"),
    )?;
    let args = ServeArgs {
        config: Some(named),
        ..ServeArgs::default()
    };
    let config = Config::resolve(args)?;
    assert_eq!(config.domains, ["named.example"]);
    assert_eq!(config.data, data);
    Ok(())
}

#[test]
fn every_key_of_the_file_is_taken() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = r#"
        domain = "a.example"
        also_domain = ["b.example"]
        allow_domain = ["d.example"]
        deny_domain = ["e.example"]
        greylist_domain = ["f.example", "g.example"]
        api_domain = "kp.a.example"
        admin = "ada@a.example"
        listen = "[::1]:9"
        account_difficulty = 1
        login_difficulty = 2
        first_message_difficulty = 12
        message_difficulty = 13
        registration = "closed"
        kdf_threads = 3
        kdf_queue = 4
        rate_per_second = 5
        rate_burst = 6
        trusted_proxy = ["10.0.0.0/8", "::1"]
        metrics = "public"
        log = "debug"
        max_connections = 7
        vault_max_mib = 8
        messages_max_mib = 9
        database = "postgres://h/v"
        nats = "nats://h"
    "#;
    fs::write(folder.path().join(FILE_NAME), file)?;
    let config = resolve(folder.path(), &[])?;
    assert_eq!(config.domains, ["a.example", "b.example"]);
    assert_eq!(config.api_domain(config.listen), "kp.a.example");
    assert_eq!(
        config.admin.as_ref().map(Address::as_str),
        Some("ada@a.example")
    );
    assert_eq!(config.listen.to_string(), "[::1]:9");
    assert_eq!(
        (
            config.account_difficulty.get(),
            config.login_difficulty.get()
        ),
        (1, 2)
    );
    assert_eq!(
        (config.kdf_threads, config.kdf_queue, config.max_connections),
        (3, 4, 7)
    );
    assert!(config.nats.is_some() && matches!(config.database, Database::Postgres(_)));
    let rate = config.rate.ok_or("no rate")?;
    assert_eq!((rate.per_second.get(), rate.burst.get()), (5, 6));
    assert!(config.trusted_proxies[0].contains("10.1.2.3".parse()?));
    assert!(!config.trusted_proxies[0].contains("11.1.2.3".parse()?));
    assert!(config.trusted_proxies[1].contains("::1".parse()?));
    assert_eq!(config.metrics, MetricsAccess::Public);
    assert_eq!(
        (config.log.as_str(), config.vault_max_bytes),
        ("debug", 8 << 20)
    );
    let named: Vec<_> = config.federation.named().collect();
    let (first, last) = (
        ("allow_domain", "d.example"),
        ("greylist_domain", "g.example"),
    );
    assert_eq!(
        (named.len(), named[0].0, named[3].1.as_str()),
        (4, first.0, last.1)
    );
    let messages = (
        config.first_message_difficulty.get(),
        config.message_difficulty.get(),
        config.messages_max_bytes,
    );
    assert_eq!(messages, (12, 13, 9 << 20));
    Ok(())
}

#[test]
fn mistakes_are_named() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE_NAME);
    for (file, word) in [
        ("domian = \"a.example\"", "domian"),
        ("domain = 5", "domain"),
        ("deny_domain = [\"https://a.example\"]", "deny_domain"),
        ("domain = \"https://a.example\"", "without https://"),
        ("domain = \"a.example:443\"", "without a port"),
        ("domain = \"ada@a.example\"", "not an address"),
        ("domain = \"börse.example\"", "xn--"),
        ("deny_domain = [\"A.example\"]", "lower case"),
        ("api_domain = \"https://a.example\"", "without https://"),
        ("domain = \"A.example\"", "lower case"),
        ("api_domain = \"A.example\"", "lower case"),
        ("api_domain = \"a.example:8443\"", "port 443 alone"),
        ("api_domain = \"localhost:0\"", "localhost:PORT"),
        ("admin = \"nobody\"", "such as ada@example.com"),
        ("admin = \"Bob@a.example\"", "before the @"),
        ("admin = \"bob@a_example\"", "follows the @"),
        ("account_difficulty = 0", "account_difficulty"),
        ("kdf_threads = 0", "kdf_threads"),
        ("rate_per_second = 0", "`off`"),
        ("registration = \"maybe\"", "registration"),
        ("trusted_proxy = [\"10.0.0.0/99\"]", "10.0.0.0/8"),
        ("data = \"/elsewhere\"", "--data"),
        ("listen = \"localhost:8787\"", "such as 127.0.0.1:8787"),
        ("domain = ", "domain"),
        ("log = \"verbose\"", "debug or trace"),
        ("log = \"info,node=loud\"", "log"),
        ("log = \"info,node=\"", "log"),
    ] {
        fs::write(&path, file)?;
        let Err(error) = resolve(folder.path(), &[]) else {
            return Err(format!("{file} was taken").into());
        };
        let said = format!("{error:#}");
        assert!(said.contains(word), "{file}: {said}");
    }
    let count = "expected a whole number from 1";
    for (flags, word) in [
        (["--login-difficulty", "0"], count),
        (["--account-difficulty", "0"], count),
        (["--vault-max-mib", "lots"], count),
        (["--max-feeds", "some"], count),
        (["--listen", "localhost:8787"], "such as 127.0.0.1:8787"),
        (["--listen", "8787"], "such as 127.0.0.1:8787"),
        (["--rate", "some"], "`off`"),
        (["--admin", "x"], "such as ada@example.com"),
        (["--registration", "x"], "open, closed"),
        (["--unknown", "x"], "--unknown"),
    ] {
        let Err(error) = parse(&flags) else {
            return Err(format!("{flags:?} was taken").into());
        };
        let said = error.to_string();
        assert!(said.contains(word), "{flags:?}: {said}");
    }
    Ok(())
}

#[test]
fn this_computer_may_be_reached_at_any_port() -> TestResult {
    let folder = tempfile::tempdir()?;
    let config = resolve(folder.path(), &["--api-domain", "localhost:8443"])?;
    assert_eq!(config.api_domain(config.listen), "localhost:8443");
    Ok(())
}

#[test]
fn address_that_is_none_is_answered_with_a_sentence() {
    let said = parse(&["--admin", "bob"]).map_err(|error| error.to_string());
    assert!(
        said.is_err_and(|said| said.contains("expected an address, such as ada@example.com")),
        "it says what is wanted"
    );
}

#[test]
fn named_file_that_is_missing_is_an_error() {
    let args = ServeArgs {
        config: Some("missing.toml".into()),
        ..ServeArgs::default()
    };
    let said = Config::resolve(args).map_err(|error| error.to_string());
    assert_eq!(
        said.err().as_deref(),
        Some(
            "there is no missing.toml; name a file that is there with --config, or leave that out"
        )
    );
}

#[test]
fn named_file_that_cannot_be_read_is_an_error() -> TestResult {
    let folder = tempfile::tempdir()?;
    let args = ServeArgs {
        config: Some(folder.path().to_owned()),
        ..ServeArgs::default()
    };
    assert!(matches!(
        Config::resolve(args),
        Err(ConfigError::FileUnreadable { .. })
    ));
    Ok(())
}

#[test]
fn database_is_chosen_by_its_url_and_its_password_is_never_shown() -> TestResult {
    let folder = tempfile::tempdir()?;
    assert!(matches!(
        resolve(folder.path(), &[])?.database,
        Database::Folder
    ));
    let url = "postgres://ada:hunter2@db.example:6000/vault";
    let config = resolve(folder.path(), &["--database", url])?;
    assert!(!format!("{config:?}").contains("hunter2"));
    let Database::Postgres(url) = config.database else {
        return Err("another database".into());
    };
    assert_eq!(url.to_string(), "vault of PostgreSQL on db.example:6000");
    for wrong in [
        "mysql://ada:hunter2@h/v",
        "hunter2",
        "postgres://a:hunter2@h:port/v",
    ] {
        let Err(error) = resolve(folder.path(), &["--database", wrong]) else {
            return Err(format!("{wrong} was taken").into());
        };
        let said = format!("{error:#}");
        assert!(
            said.contains("expected postgres://") && !said.contains("hunter2"),
            "{said}"
        );
    }
    Ok(())
}
