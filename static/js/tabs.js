// Where a row of tabs is wider than a telephone, the one that is open is brought into sight.

document.querySelector(".page > .tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
