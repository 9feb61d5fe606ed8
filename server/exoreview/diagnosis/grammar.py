"""The grammar of SPARQL queries, as nodes that know with which tokens they can begin.

It is LL(1), and wider than the standard where that changes no place of a mistake (precedence, paths in
templates). Its kinds of tokens are those of `tokens`.
"""

import re
from dataclasses import dataclass, field
from functools import cache

# A name in capitals or in quotes is the kind of a token, another is a rule; `x*`, `x+` and `x?` as usual.
_GRAMMAR = """
Query       = Prologue Form Values END
Prologue    = ( BASE IRI | PREFIX NAMESPACE IRI | VERSION STRING )*
Form        = Select | Construct | Describe | Ask
Select      = Projection Dataset Where Modifiers
SubSelect   = Projection Where Modifiers Values
Projection  = SELECT ( DISTINCT | REDUCED )? ( '*' | Column+ )
Column      = VAR | As
As          = '(' Expression AS VAR ')'
Construct   = CONSTRUCT ( Template Dataset Where Modifiers | ConstructFrom )
ConstructFrom = Dataset WHERE Template Modifiers
Template    = '{' Triples? '}'
Describe    = DESCRIBE ( '*' | Resource+ ) Dataset Where? Modifiers
Resource    = VAR | Iri
Ask         = ASK Dataset Where Modifiers
Dataset     = ( FROM NAMED? Iri )*
Where       = WHERE? Group
Modifiers   = ( GROUP BY GroupKey+ )? ( HAVING Constraint+ )? ( ORDER BY OrderKey+ )? Slice?
Slice       = LIMIT NUMBER ( OFFSET NUMBER )? | OFFSET NUMBER ( LIMIT NUMBER )?
GroupKey    = VAR | Call | '(' Expression ( AS VAR )? ')'
OrderKey    = VAR | Constraint | ( ASC | DESC ) '(' Expression ')'
Constraint  = '(' Expression ')' | Call
Call        = BuiltIn | Iri Arguments
BuiltIn     = FUNCTION Arguments | Aggregate | EXISTS Group | NOT EXISTS Group
Values      = ( VALUES Data )?
Group       = '{' ( SubSelect | Body ) '}'
Body        = Triples? ( Pattern '.'? Triples? )*
Pattern     = ( OPTIONAL | MINUS | LATERAL ) Group | GRAPH Resource Group | SERVICE SILENT? Resource Group
            | FILTER Constraint | BIND As | VALUES Data | Group ( UNION Group )*
Data        = VAR '{' Cell* '}' | '(' VAR* ')' '{' Row* '}'
Row         = '(' Cell* ')'
Cell        = Iri | Literal | UNDEF | Quoted
Triples     = ( Plain Predicates | ( List | Bracket | Quoted ) Predicates? ) ( '.' Triples? )?
Plain       = VAR | Iri | Literal | BLANK
Predicates  = Verb Objects ( ';' ( Verb Objects )? )*
Verb        = VAR | Path
Objects     = Object ( ',' Object )*
Object      = Node ( '~' ( VAR | Iri | BLANK )? | '{|' Predicates '|}' )*
Node        = VAR | Iri | Literal | BLANK | List | Bracket | Quoted
List        = '(' Node* ')'
Bracket     = '[' Predicates? ']'
Quoted      = '<<(' Node Verb Node ')>>' | '<<' Node Verb Node ( '~' Node? )? '>>'
Path        = Sequence ( '|' Sequence )*
Sequence    = Step ( '/' Step )*
Step        = '^'? ( Iri | a | '!' Negated | '(' Path ')' ) ( '?' | '*' | '+' )?
Negated     = Inverse | '(' ( Inverse ( '|' Inverse )* )? ')'
Inverse     = '^'? ( Iri | a )
Expression  = Operand ( Operator Operand | SIGNED | NOT? IN Arguments )*
Operand     = ( '!' | '-' | '+' )* ( '(' Expression ')' | BuiltIn | Iri Arguments? | Literal | VAR | Quoted )
Operator    = '||' | '&&' | '=' | '!=' | '<' | '>' | '<=' | '>=' | '+' | '-' | '*' | '/'
Arguments   = '(' ( DISTINCT? Expression ( ',' Expression )* )? ')'
Aggregate   = AGGREGATE '(' DISTINCT? ( '*' | Expression ) ( ';' SEPARATOR '=' STRING )? ')'
Iri         = IRI | NAME | NAMESPACE
Literal     = STRING ( LANG | '^^' Iri )? | NUMBER | SIGNED | BOOLEAN
"""

_SYMBOL = re.compile(r"'[^']+'|\w+|[()|*+?]")


@dataclass(eq=False)
class Node:
    """A part of the grammar: a kind of token, a rule, a sequence, a choice, or one that may be left out."""

    sort: str
    name: str = ""
    parts: list["Node"] = field(default_factory=list)
    first: frozenset[str] = frozenset()
    empty: bool = False


@cache
def rules() -> dict[str, Node]:
    """The rules as nodes that know which tokens they can begin with."""
    made: dict[str, Node] = {}
    sources = re.split(r"\n(?=\w)", _GRAMMAR.strip())
    for source in sources:
        name = source.partition("=")[0].strip()
        made[name] = Node("rule", name)
    nodes = list(made.values())
    for source in sources:
        name, _, right = source.partition("=")
        symbols = _SYMBOL.findall(right)[::-1]
        made[name.strip()].parts = [_choice(symbols, made, nodes)]
    _settle(nodes)
    return made


def _choice(symbols: list[str], made: dict[str, Node], nodes: list[Node]) -> Node:
    parts = [_sequence(symbols, made, nodes)]
    while symbols and symbols[-1] == "|":
        symbols.pop()
        parts.append(_sequence(symbols, made, nodes))
    return parts[0] if len(parts) == 1 else _made(nodes, "choice", parts)


def _sequence(symbols: list[str], made: dict[str, Node], nodes: list[Node]) -> Node:
    parts = []
    while symbols and symbols[-1] not in "|)":
        symbol = symbols.pop()
        if symbol == "(":
            part = _choice(symbols, made, nodes)
            symbols.pop()
        elif symbol in made:
            part = made[symbol]
        else:
            part = _made(nodes, "token", [], symbol.strip("'"))
        mark = symbols.pop() if symbols and symbols[-1] in "*+?" else ""
        if mark in ("+", ""):
            parts.append(part)
        if mark:
            parts.append(_made(nodes, "option" if mark == "?" else "many", [part]))
    return parts[0] if len(parts) == 1 else _made(nodes, "sequence", parts)


def _made(nodes: list[Node], sort: str, parts: list[Node], name: str = "") -> Node:
    node = Node(sort, name, parts)
    nodes.append(node)
    return node


def _settle(nodes: list[Node]) -> None:
    """Work out, until nothing changes, what each node can begin with and whether it can be empty."""
    changed = True
    while changed:
        changed = False
        for node in nodes:
            before = (node.first, node.empty)
            if node.sort == "token":
                node.first = frozenset({node.name})
            elif node.sort in ("sequence", "rule"):
                node.first, node.empty = _of_sequence(node.parts)
            else:
                node.first = frozenset().union(*(part.first for part in node.parts))
                node.empty = node.sort != "choice" or any(part.empty for part in node.parts)
            changed |= before != (node.first, node.empty)


def _of_sequence(parts: list[Node]) -> tuple[frozenset[str], bool]:
    first: frozenset[str] = frozenset()
    for part in parts:
        first |= part.first
        if not part.empty:
            return first, False
    return first, True
