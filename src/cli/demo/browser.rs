//! The owner of a mailbox with a browser: opens the link, presses the button,
//! consents at Google, comes back.

use anyhow::{Context as _, bail};
use postern_core::model::address::Address;
use postern_sandbox::{Choice, Sandbox};
use url::Url;
use zeroize::Zeroizing;

use crate::app::Parts;
use crate::net::exchange::{Exchange, Request, Response};

/// Walks the consent of `address` from its link to the page that says it is done.
pub(super) async fn consent(
    parts: &Parts,
    sandbox: &Sandbox,
    link: &str,
    address: &Address,
) -> anyhow::Result<()> {
    let web = &*parts.exchange;
    let link = Url::parse(link)?;
    let shown = open(web, &link, None).await?;
    if shown.status != 200 {
        bail!("the consent page answered {}", shown.status);
    }
    let pressed = press(web, &link).await?;
    let cookie = pressed.header("set-cookie").and_then(|c| c.split(';').next()).map(str::to_owned);
    let to_google = pressed.header("location").context("the button leads to Google")?;
    let back = sandbox
        .google()
        .consent(to_google, address.as_str(), &Choice::Allow)
        .map_err(|e| anyhow::anyhow!("the stand-in Google refused the consent: {e:?}"))?;
    let ended = open(web, &Url::parse(&back)?, cookie).await?;
    if ended.status != 200 {
        let page = String::from_utf8_lossy(&ended.body).into_owned();
        bail!("the consent did not succeed ({}): {page}", ended.status);
    }
    Ok(())
}

async fn open(web: &dyn Exchange, url: &Url, cookie: Option<String>) -> anyhow::Result<Response> {
    let mut request = Request::get(url.clone());
    request.headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    Ok(web.send(request).await?)
}

async fn press(web: &dyn Exchange, link: &Url) -> anyhow::Result<Response> {
    let mut request = Request::form(link.clone(), &[]);
    let fields: Vec<_> = link.query_pairs().into_owned().collect();
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.body = Zeroizing::new(form.into_bytes());
    request.headers.push(("origin", link.origin().ascii_serialization()));
    let answer = web.send(request).await?;
    if !(300..400).contains(&answer.status) {
        bail!("the button answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    Ok(answer)
}
