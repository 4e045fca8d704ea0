//! What a file says, as far as the rules ask: paths, method calls, functions
//! and modules, also inside macros.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A path with the module it is written in.
pub struct Mention {
    pub module: Vec<String>,
    pub path: Vec<String>,
    pub line: usize,
}

/// A method call on something else than `self`, or a module declared here.
pub struct Named {
    pub module: Vec<String>,
    pub name: String,
    pub line: usize,
}

/// A function with its length in lines.
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// All of a file.
#[derive(Default)]
pub struct Facts {
    pub mentions: Vec<Mention>,
    pub calls: Vec<Named>,
    pub modules: Vec<Named>,
    pub functions: Vec<Function>,
    module: Vec<String>,
}

impl Facts {
    pub fn of(file: &syn::File, module: Vec<String>) -> Self {
        let mut facts = Self { module, ..Self::default() };
        facts.visit_file(file);
        facts
    }

    fn mention(&mut self, path: Vec<String>, span: Span) {
        self.mentions.push(Mention { module: self.module.clone(), path, line: span.start().line });
    }

    fn named(&self, name: &Ident) -> Named {
        Named { module: self.module.clone(), name: name.to_string(), line: name.span().start().line }
    }

    fn function(&mut self, name: &Ident, start: Span, end: Span) {
        let line = start.start().line;
        self.functions.push(Function { name: name.to_string(), line, lines: end.end().line - line + 1 });
    }

    fn use_tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let mut path = prefix.to_vec();
        match tree {
            syn::UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.use_tree(&path, &step.tree);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(prefix, tree);
                }
            }
            syn::UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.mention(path, name.span());
            }
            syn::UseTree::Rename(name) => {
                path.push(name.ident.to_string());
                self.mention(path, name.span());
            }
            syn::UseTree::Glob(glob) => {
                path.push("*".to_owned());
                self.mention(path, glob.span());
            }
        }
    }

    // Inside a macro there is no syntax tree, only tokens: what looks like a
    // path, a call or a function is taken for one.
    fn tokens(&mut self, prefix: &[String], stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(first) => at = self.token_path(prefix, first, &tokens, at),
                TokenTree::Group(group) => {
                    self.tokens(&[], group.stream());
                    at += 1;
                }
                TokenTree::Punct(dot) if dot.as_char() == '.' => {
                    self.token_call(&tokens, at);
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    fn token_path(&mut self, prefix: &[String], first: &Ident, tokens: &[TokenTree], at: usize) -> usize {
        if first == "fn" {
            self.token_function(tokens, at);
        }
        let mut path = prefix.to_vec();
        path.push(first.to_string());
        let mut next = at + 1;
        while let [TokenTree::Punct(a), TokenTree::Punct(b), step, ..] = tokens.get(next..).unwrap_or(&[])
            && a.as_char() == ':'
            && b.as_char() == ':'
        {
            next += 3;
            match step {
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.tokens(&path, group.stream());
                    return next;
                }
                _ => break,
            }
        }
        if path.len() > 1 {
            self.mention(path, first.span());
        }
        next
    }

    fn token_call(&mut self, tokens: &[TokenTree], dot: usize) {
        let on = dot.checked_sub(1).and_then(|before| tokens.get(before));
        if matches!(on, Some(TokenTree::Ident(on)) if on == "self") {
            return;
        }
        if let [TokenTree::Ident(name), TokenTree::Group(group), ..] = tokens.get(dot + 1..).unwrap_or(&[])
            && group.delimiter() == Delimiter::Parenthesis
        {
            let call = self.named(name);
            self.calls.push(call);
        }
    }

    fn token_function(&mut self, tokens: &[TokenTree], at: usize) {
        let Some([TokenTree::Ident(_), TokenTree::Ident(name), rest @ ..]) = tokens.get(at..) else {
            return;
        };
        let body = rest.iter().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.span_close()),
            _ => None,
        });
        if let Some(end) = body {
            self.function(name, name.span(), end);
        }
    }
}

impl<'ast> Visit<'ast> for Facts {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.mention(vec![item.ident.to_string()], item.span());
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let named = self.named(&item.ident);
        self.modules.push(named);
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let steps: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        // One step alone is a name of this file.
        if steps.len() > 1 {
            self.mention(steps, path.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        visit::visit_macro(self, mac);
        self.tokens(&[], mac.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        visit::visit_meta_list(self, list);
        self.tokens(&[], list.tokens.clone());
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        // What a type calls on itself is its own method of that name.
        if !matches!(&*call.receiver, syn::Expr::Path(on) if on.path.is_ident("self")) {
            let named = self.named(&call.method);
            self.calls.push(named);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, item.sig.span(), item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, item.sig.span(), item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig.ident, item.sig.span(), body.span());
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[test]
fn paths_are_seen_wherever_they_hide() {
    let text = "
        use a::{b::c as x, d::*};
        #[derive(e::f)] struct S(g::H<i::J>);
        fn k() { l!(m::n, { use o::{p, q::r}; }); <S as s::T>::u(); }
        macro_rules! v { () => { $crate::w::x() } }
        mod y { use super::z; }
    ";
    let facts = Facts::of(&syn::parse_file(text).unwrap(), Vec::new());
    let paths: Vec<String> = facts.mentions.iter().map(|m| m.path.join("::")).collect();
    for wanted in [
        "a::b::c",
        "a::d::*",
        "e::f",
        "g::H",
        "i::J",
        "m::n",
        "o::p",
        "o::q::r",
        "s::T::u",
        "crate::w::x",
        "super::z",
    ] {
        assert!(paths.iter().any(|path| path == wanted), "{wanted} is missing in {paths:?}");
    }
    assert!(facts.mentions.iter().any(|m| m.path == ["super", "z"] && m.module == ["y"]));
}

#[test]
fn calls_and_functions_are_seen_inside_macros() {
    let text = "
        fn a() { s.act(1); self.act(2); self.s.act(3); m!(t.batch(4).await, self.batch(5)); }
        both! { async fn b() {
            1;
        } }
    ";
    let facts = Facts::of(&syn::parse_file(text).unwrap(), Vec::new());
    let calls: Vec<&str> = facts.calls.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(calls, ["act", "act", "batch"]);
    let functions: Vec<(&str, usize)> = facts.functions.iter().map(|f| (f.name.as_str(), f.lines)).collect();
    assert_eq!(functions, [("a", 1), ("b", 3)]);
}
