//! A corpus of texts that try to become more than text.

use super::{Block, Inline, parse};
use wasm_bindgen_test::wasm_bindgen_test;

/// After OWASP's filter evasion sheet and what Markdown renderers have fallen for.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"javascript:alert(1)\">",
    "<img src=\"data:image/svg+xml,<svg onload=alert(1)>\">",
    "<img src=https://a.example/x onload=alert(1) style=\"position:fixed\">",
    "<svg onload=alert(1)><a href=javascript:alert(1)>x</a></svg>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"  JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<a href=\"javascript&colon;alert(1)\">x</a>",
    "<a href=\"vbscript:x\">x</a>",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#x6A;avascript:alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x](\u{a0}javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](//a.example)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x\"onerror=\"alert(1)](https://a.example/b.png)",
    "[![x](javascript:a)](javascript:b)",
    "```\"><script>alert(1)</script>\nx\n```",
    "`<script>alert(1)</script>`",
    "| <script>x</script> |\n|--|\n| [x](javascript:y) |",
    "- [x] <img src=x onerror=alert(1)>",
    "<style>body{display:none}</style>",
    "<form action=https://a.example><input name=password></form>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
    "<base href=https://a.example/>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?>",
    "<a\nhref=javascript:alert(1)\n>x",
    "https://a.example/\"onmouseover=alert(1)//",
    "\u{202e}https://a.example",
    "\u{0}<img src=x>\u{0}",
];

#[wasm_bindgen_test(unsupported = test)]
fn every_address_that_comes_out_has_an_allowed_scheme() {
    for text in HOSTILE {
        addresses(&parse(text), &mut |address| {
            let scheme = address.split(':').next().unwrap_or_default().to_ascii_lowercase();
            assert!(["http", "https", "mailto"].contains(&scheme.as_str()), "{text:?} leads to {address:?}");
            assert!(!address.contains(['\n', '\t', '\0', '"', '<']), "{text:?} leads to {address:?}");
        });
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_script_is_shown_as_the_text_it_is() {
    assert_eq!(
        parse("<script>alert(1)</script>"),
        [Block::Paragraph(vec![Inline::Text("<script>alert(1)</script>".into())])]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn any_cut_of_any_of_them_parses() {
    for text in HOSTILE {
        for (at, _) in text.char_indices() {
            parse(&text[..at]);
            parse(&text[at..]);
            parse(&format!("> - {}\n\n{}", &text[at..], &text[..at]));
        }
    }
}

fn addresses(blocks: &[Block], check: &mut impl FnMut(&str)) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Plain(content) | Block::Heading { content, .. } => {
                inline(content, check)
            }
            Block::Quote(body) => addresses(body, check),
            Block::List { items, .. } => items.iter().for_each(|item| addresses(&item.body, check)),
            Block::Table { head, rows } => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| inline(&cell.content, check));
            }
            Block::Details { summary, body, .. } => {
                inline(summary, check);
                addresses(body, check);
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

fn inline(content: &[Inline], check: &mut impl FnMut(&str)) {
    for piece in content {
        match piece {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strike(inner) => inline(inner, check),
            Inline::Link { href, content, .. } => {
                check(href);
                inline(content, check);
            }
            Inline::Image(image) => check(&image.src),
            Inline::Text(_) | Inline::Code(_) | Inline::Break => {}
        }
    }
}
