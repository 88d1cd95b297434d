"""Judges XML with libxml2, by way of lxml. Reads one JSON object a line and answers with one a line.

{"do": "canonical", "xml": BASE64, "find": XPATH, "prefixes": [...]}  ->  {"octets": BASE64}
{"do": "verify", "xml": BASE64, "id": ID, "n": HEX, "e": NUMBER}      ->  {"octets": BASE64}, of the signed element

Anything that libxml2 or this program refuses is answered by {"refused": WHY}.

Canonical forms are libxml2's. The rest of XML Signature is written here from the standards, with Python's own library
alone: nothing is shared with what is judged.
"""

import base64
import hashlib
import json
import re
import sys

from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"
SIGNATURES = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha%d" % bits: "sha%d" % bits for bits in (256, 384, 512)
}
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
# DigestInfo of RFC 8017, section 9.2, up to the digest itself.
DIGEST_INFO = {
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}


class Refused(Exception):
    pass


def demand(condition, why):
    if not condition:
        raise Refused(why)


def parse(octets):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=False)
    return etree.fromstring(octets, parser)


def canonical(element, prefixes):
    return etree.tostring(
        element,
        method="c14n",
        exclusive=True,
        with_comments=False,
        with_tail=False,
        inclusive_ns_prefixes=prefixes or None,
    )


def only(parent, name):
    found = parent.findall("{%s}%s" % (DS, name))
    demand(len(found) == 1, "not one " + name)
    return found[0]


def prefixes_of(method):
    """The PrefixList of a CanonicalizationMethod or a Transform, which must be exclusive."""
    demand(method.get("Algorithm") == EXCLUSIVE, "not exclusive")
    lists = method.findall("{%s}InclusiveNamespaces" % EXCLUSIVE)
    return [prefix for each in lists for prefix in (each.get("PrefixList") or "").split()]


def octets_of(element):
    demand(len(element) == 0, "base64 with markup in it")
    text = re.sub("[\t\n\r ]", "", "".join(element.itertext()))
    octets = base64.b64decode(text, validate=True)
    demand(base64.b64encode(octets).decode() == text, "base64 in another form")
    return octets


def has_signed(octets, name, signature, n, e):
    """RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.2)."""
    length = (n.bit_length() + 7) // 8
    info = bytes.fromhex(DIGEST_INFO[name]) + hashlib.new(name, octets).digest()
    expected = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
    value = int.from_bytes(signature, "big")
    return len(signature) == length and value < n and pow(value, e, n).to_bytes(length, "big") == expected


def verify(root, identifier, n, e):
    """The octets of the element with this ID, if its own signature covers them in the form that SAML prescribes."""
    found = [element for element in root.iter(etree.Element) if element.get("ID") == identifier]
    demand(len(found) == 1, "not one element with the ID")
    element = found[0]
    signature = only(element, "Signature")
    info = only(signature, "SignedInfo")
    algorithm = SIGNATURES.get(only(info, "SignatureMethod").get("Algorithm"))
    demand(algorithm, "another algorithm")
    octets = canonical(info, prefixes_of(only(info, "CanonicalizationMethod")))
    demand(has_signed(octets, algorithm, octets_of(only(signature, "SignatureValue")), n, e), "another signature")

    reference = only(info, "Reference")
    demand(reference.get("URI") == "#" + identifier, "a reference to something else")
    transforms = only(reference, "Transforms").findall("{%s}Transform" % DS)
    demand(len(transforms) == 2 and transforms[0].get("Algorithm") == ENVELOPED, "other transforms")
    digest = DIGESTS.get(only(reference, "DigestMethod").get("Algorithm"))
    demand(digest, "another digest")
    prefixes = prefixes_of(transforms[1])
    remove(signature)
    octets = canonical(element, prefixes)
    demand(hashlib.new(digest, octets).digest() == octets_of(only(reference, "DigestValue")), "another digest value")
    return octets


def remove(element):
    """Removes an element, but not the text behind it, which lxml keeps with it."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def judge(question):
    root = parse(base64.b64decode(question["xml"]))
    if question["do"] == "verify":
        return verify(root, question["id"], int(question["n"], 16), question["e"])
    found = root.xpath(question["find"])
    demand(len(found) == 1, "not one element")
    return canonical(found[0], question["prefixes"])


for line in sys.stdin:
    try:
        answer = {"octets": base64.b64encode(judge(json.loads(line))).decode()}
    except (Refused, ValueError, etree.Error) as error:
        answer = {"refused": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
