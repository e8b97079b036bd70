use proptest::prelude::*;

use super::*;

#[test]
fn formulas_become_text_and_come_back() {
    let cases = [
        ("", ""),
        ("Ana", "Ana"),
        ("O'Brien", "O'Brien"),
        ("'quoted'", "'quoted'"),
        ("a=b", "a=b"),
        ("=1+1", "'=1+1"),
        ("+34 600 000 000", "'+34 600 000 000"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("  =1+1", "'  =1+1"),
        ("\u{feff}=1", "'\u{feff}=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("' '=1", "'' '=1"),
    ];
    for (cell, expected) in cases {
        assert_eq!(neutralised(cell), expected, "{cell:?}");
        assert_eq!(restored(expected), cell, "{cell:?}");
    }
}

#[test]
fn rows_are_rfc_4180() {
    let written = rows(Dialect::Plain, [vec!["a", "b,c", "d\"e", "f\ng"], vec![], vec![""], vec!["=x", " y"]]).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), "a,\"b,c\",\"d\"\"e\",\"f\ng\"\r\n\"\"\r\n\"\"\r\n'=x, y\r\n");
}

#[test]
fn headers_name_the_dialect() {
    assert_eq!(header(Dialect::Plain, &["email", "=name"]).unwrap(), b"email,'=name\r\n");
    assert_eq!(header(Dialect::Excel, &["email", "a;b"]).unwrap(), "\u{feff}email;\"a;b\"\r\n".as_bytes());
    assert_eq!(rows(Dialect::Excel, [["a", "b"]]).unwrap(), b"a;b\r\n");
}

proptest! {
    #[test]
    fn neutralising_is_undone_exactly_and_leaves_no_formula(cell in "[='+\\-@ \t\r\n\u{feff}a＝]{0,8}|.{0,20}") {
        let safe = neutralised(&cell);
        prop_assert_eq!(restored(&safe), &cell);
        prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']));
    }
}
