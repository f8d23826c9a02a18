"""The page in each bag that tells how to check it, with tools that every system has."""

from __future__ import annotations

from ringfence.evidence.bag import SEALED, SIGNATURE, STAMP
from ringfence.evidence.custody import CUSTODY, Link
from ringfence.evidence.signature import NAMESPACE, SIGNER

_CONTENTS = {
    "data/incident.json": "what was found: who, how it is known, what it cost",
    "data/attackers.pcapng": (
        "the packets of the accused and the answers to them, unchanged; "
        "packets that matter carry a comment (in Wireshark: the filter `frame.comment`)"
    ),
    "data/messages.csv": "their SIP messages as a table",
    "data/messages.parquet": "the same for programs",
    "data/case.jsonld": "the incident in the exchange format CASE/UCO",
    CUSTODY: "who did what, when, with what; each line carries the hash of the line before",
}


def write_readme(
    names: list[str], case_id: str, fingerprint: str, after: Link, bag: str, before: str | None
) -> str:
    """README.md for a bag with these files; `before` is the name of the bag that it follows."""
    listed = [
        f"- `{name}`: {_CONTENTS[name]}" if name in _CONTENTS else f"- `{name}`"
        for name in sorted(names)
        if not name.startswith("data/originals/")
    ]
    if any(name.startswith("data/originals/") for name in names):
        listed.append("- `data/originals/`: the captures themselves. They hold real users' data.")
    chain = (
        f"It goes on where that of `{before}` ends: the first line's `previous` is the hash of "
        "that log's last line."
        if before
        else "It is the first of its case: the first line's `previous` is 64 zeros."
    )
    return _PAGE.format(
        case=f" of case {case_id}" if case_id else "",
        bag=bag,
        files="\n".join(listed),
        fingerprint=fingerprint,
        sealed=SEALED,
        signature=SIGNATURE,
        stamp=STAMP,
        custody=CUSTODY,
        chain=chain,
        previous=after.sha256,
        signer=SIGNER,
        namespace=NAMESPACE,
    )


_PAGE = """\
# Evidence{case}: {bag}

This folder is a bag of BagIt 1.0 (RFC 8493). `data/` holds what is preserved; everything
beside it is there to show that nothing was changed since.

{files}

## How to check it

Open a terminal in this folder. A step that prints FAILED, an error, or nothing where it
should say something, found a difference. `ringfence verify .` does all of this at once.

**1. The files are those of the manifests.**

```sh
sha256sum --check --strict --quiet manifest-sha256.txt
sha512sum --check --strict --quiet manifest-sha512.txt
sha256sum --check --strict --quiet {sealed}
sha512sum --check --strict --quiet tagmanifest-sha512.txt
```

**2. Nothing was added.** Every file of `data/` is in the manifest, and there are no links:

```sh
test -z "$(find . -type l)"
test "$(find data -type f | LC_ALL=C sort)" = \\
  "$(sed 's/^[0-9a-f]*  //' manifest-sha256.txt | LC_ALL=C sort)"
echo "files: those of the manifest, and no other"
```

**3. The signature** is by the key `{fingerprint}`.
Ask who gave you this folder, by telephone or on paper, whether that is his key (`ringfence
key` shows it); a key that comes along in the folder proves nothing by itself.

```sh
ssh-keygen -l -f keys/evidence-key.pub
ssh-keygen -Y verify -f keys/allowed_signers -I {signer} -n {namespace} -s {signature} < {sealed}
```

**4. The time stamp**, where there is one (`{stamp}`).
`AUTHORITY` names a file with the root certificate of the authority, in PEM form, which you
have from the authority itself:

```sh
if [ -f {stamp} ]; then
  openssl ts -verify -data {sealed} -in {stamp} -CAfile "${{AUTHORITY:?name the root certificate}}"
fi
```

**5. The custody log is whole.**
{chain}

```sh
(
  previous={previous}
  while IFS= read -r line; do
    case $line in
      *",\\"previous\\":\\"$previous\\"}}") ;;
      *) echo "the chain is broken at: $line"; exit 1 ;;
    esac
    previous=$(printf %s "$line" | sha256sum | cut -d ' ' -f 1)
  done < {custody}
  echo "custody log: whole"
)
```

The hash that stands for all of this folder, to be noted in a letter or a protocol:

```sh
sha256sum {sealed}
```
"""
