use super::Cli;
use clap::{CommandFactory as _, Parser as _};

#[test]
fn the_command_line_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_of_the_reference_is_read() {
    let lines = [
        "demo",
        "demo --once",
        "serve",
        "setup --yes --database-url sqlite://x --key-file k --public-url http://127.0.0.1:1",
        "check --json",
        "migrate --dry-run",
        "client set --client-id x --client-secret-file -",
        "service-account import key.json --domain a.cz --domain b.cz",
        "account add anna@x.cz --crm-user 7 --alias a@x.cz --alias b@x.cz",
        "account import anna@x.cz --refresh-token-file - --scopes https://mail.google.com/",
        "account import --csv table.csv",
        "account connect anna@x.cz --paste",
        "account list --json",
        "account show anna@x.cz --json",
        "account approve anna@x.cz",
        "account rename anna@x.cz",
        "account disable anna@x.cz",
        "account enable anna@x.cz",
        "account remove anna@x.cz --yes --force",
        "token issue anna@x.cz --name espo --protocol imap --expires 90d",
        "token issue --all --protocol smtp",
        "token list",
        "token list anna@x.cz --json",
        "token revoke 01890000-0000-7000-8000-000000000000",
        "api-key add crm --scope account:read --scope token:issue --domain x.cz --rate 60",
        "api-key list --json",
        "api-key revoke 01890000-0000-7000-8000-000000000000",
        "cert new --name mail.example.com --name 10.0.0.9 --dir certs --json",
        "sync run calendar",
        "sync run calendar --account anna@x.cz",
        "sync status --json",
        "sync run contacts",
        "sync run contacts --account anna@x.cz --no-wait",
        "contacts push anna@x.cz --entity Contact 66ab0123456789abc 66ab0123456789abd --json",
        "contacts push anna@x.cz --entity Lead --no-wait 66ab0123456789abc",
        "sync approve 01890000-0000-7000-8000-000000000000",
        "sync reject 01890000-0000-7000-8000-000000000000",
        "audit list --since 24h --limit 10",
        "audit export",
        "audit verify --head main:1:AAAA",
        "--config x.toml check",
        "check --config x.toml",
    ];
    for line in lines {
        let args = std::iter::once("postern").chain(line.split(' '));
        assert!(Cli::try_parse_from(args).is_ok(), "{line}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let lines = [
        "account add not-an-address",
        "account import",
        "account import anna@x.cz",
        "account import anna@x.cz --csv t.csv --refresh-token-file t",
        "account import --csv t.csv --scopes x",
        "account connect anna@x.cz",
        "token issue",
        "token issue anna@x.cz --all",
        "token issue anna@x.cz --protocol pop3",
        "token revoke 7",
        "cert new",
        "contacts push anna@x.cz 66ab0123456789abc",
        "contacts push anna@x.cz --entity Contact",
        "contacts push anna@x.cz --entity Account 66ab0123456789abc",
        "audit list --since yesterday",
    ];
    for line in lines {
        let args = std::iter::once("postern").chain(line.split(' '));
        assert!(Cli::try_parse_from(args).is_err(), "{line}");
    }
}
