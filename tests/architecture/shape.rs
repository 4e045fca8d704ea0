//! Sizes and names.

use super::source::{self, Source};
use super::{hold, imagine, objects};

const FILE_LIMIT: usize = 500;
const FILE_FAILS: usize = 600;
const FUNCTION_LIMIT: usize = 60;

/// Generated tables, by name.
const GENERATED: &[&str] = &[];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "manager", "managers", "common", "types", "misc"];

fn files_are_short(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| source.lines >= FILE_FAILS && !GENERATED.contains(&source.place.as_str()))
        .map(|source| {
            format!(
                "{}: {} lines; the limit is {FILE_LIMIT}: find the second idea in it and give it a file",
                source.place, source.lines
            )
        })
        .collect()
}

fn functions_are_short(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| !GENERATED.contains(&source.place.as_str()))
        .flat_map(|source| source.facts.functions.iter().map(move |function| (source, function)))
        .filter(|(_, function)| function.lines > FUNCTION_LIMIT)
        .map(|(source, function)| {
            format!(
                "{}:{}: {} has {} lines; the limit is {FUNCTION_LIMIT}: name its steps",
                source.place, function.line, function.name, function.lines
            )
        })
        .collect()
}

fn modules_have_a_subject(sources: &[Source]) -> Vec<String> {
    let by_file = sources.iter().filter(|source| {
        source.place.split('/').any(|step| EMPTY_NAMES.contains(&step.strip_suffix(".rs").unwrap_or(step)))
    });
    let inside = sources.iter().filter(|source| {
        source.facts.modules.iter().any(|module| EMPTY_NAMES.contains(&module.name.as_str()))
    });
    by_file
        .chain(inside)
        .map(|source| format!("{}: a module is named after what it holds, not {EMPTY_NAMES:?}", source.place))
        .collect()
}

#[test]
fn files_and_functions_are_short() {
    let sources = source::everything();
    hold(&files_are_short(&sources));
    hold(&functions_are_short(&sources));
}

#[test]
fn modules_are_named_after_what_they_hold() {
    hold(&modules_have_a_subject(&source::everything()));
}

#[test]
fn a_long_file_is_found() {
    hold(&files_are_short(&imagine("src/app.rs", &"\n".repeat(FILE_FAILS - 1))));
    objects(&files_are_short(&imagine("src/app.rs", &"\n".repeat(FILE_FAILS))), "600 lines");
}

#[test]
fn a_long_function_is_found() {
    for (before, after) in [("", ""), ("impl S { ", " }"), ("trait T { ", " }"), ("m! { ", " }")] {
        let of = |lines: usize| format!("{before}fn long() {{{}}}{after}", "\n".repeat(lines - 1));
        hold(&functions_are_short(&imagine("src/app.rs", &of(FUNCTION_LIMIT))));
        objects(&functions_are_short(&imagine("src/app.rs", &of(FUNCTION_LIMIT + 1))), "long has 61 lines");
    }
}

#[test]
fn an_empty_name_is_found() {
    objects(&modules_have_a_subject(&imagine("src/net/util.rs", "")), "src/net/util.rs");
    objects(&modules_have_a_subject(&imagine("src/common/mod.rs", "")), "src/common/mod.rs");
    objects(&modules_have_a_subject(&imagine("src/app.rs", "mod helpers {}")), "src/app.rs");
    hold(&modules_have_a_subject(&imagine("src/net/utility_bill.rs", "")));
}
