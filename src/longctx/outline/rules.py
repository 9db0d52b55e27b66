"""What defines something in each language: node types of its grammar, as tables.

What may live here: names of node types and fields. What must never be known here: how trees are
walked, texts. Field and type names are those of the grammars in `grammars.WHEELS`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from longctx.outline.values import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


class Naming(StrEnum):
    """How a name is read where it is not the text of a node."""

    PLAIN = "the node's text"
    QUALIFIED = "the text, which may name the holder too: Berth::reserve"
    RECEIVER = "the text; the holder is the type of the receiver"
    BLOCK = "HCL: the block's type and its labels"
    WORD = "the node's first word, as in `init`"


@dataclass(frozen=True, slots=True)
class Rule:
    """One node type that defines something."""

    kind: Kind
    name: str = "name"
    """Ways to the node of the name, tried in order: `name|left`. Each way is fields or types joined
    by `/`; a step with `*` is repeated as often as it leads on."""
    body: str = ""
    """Ways to the node where the signature ends; the whole node where there is none."""
    opened: bool = False
    """Whether definitions in the body belong to the outline."""
    naming: Naming = Naming.PLAIN
    needs: str = ""
    """Ways of which one must lead somewhere: a struct without a body defines nothing."""
    words: Mapping[str, Kind] = field(default_factory=dict)
    """Kinds by a keyword among the node's children."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One language."""

    defines: dict[str, Rule]
    passes: frozenset[str]
    """Types that are looked into without defining anything."""
    wraps: frozenset[str] = frozenset()
    """Types whose only definition begins and ends with them, such as `export`."""
    calls: frozenset[str] = frozenset()
    """Types that are looked into for functions and classes only."""
    docstrings: bool = False


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _opened(kind: Kind, name: str = "name", body: str = "body", needs: str = "") -> Rule:
    return Rule(kind, name, body, opened=True, needs=needs)


def _function(name: str = "name", body: str = "body", naming: Naming = Naming.PLAIN) -> Rule:
    return Rule(Kind.FUNCTION, name, body, naming=naming)


_FIELD = Rule(Kind.FIELD)
_CONSTANT = Rule(Kind.CONSTANT)

_PYTHON = Rules(
    {
        "class_definition": _opened(Kind.CLASS),
        "function_definition": _function(),
        "assignment": Rule(Kind.CONSTANT, "left"),
        "type_alias_statement": Rule(Kind.TYPE, "left"),
    },
    passes=_set(
        "module block if_statement elif_clause else_clause try_statement except_clause"
        " finally_clause with_statement ERROR"
    ),
    wraps=_set("decorated_definition expression_statement"),
    docstrings=True,
)

_SCRIPT = Rules(
    {
        "class_declaration": _opened(Kind.CLASS),
        "abstract_class_declaration": _opened(Kind.CLASS),
        "interface_declaration": _opened(Kind.INTERFACE),
        "enum_declaration": _opened(Kind.ENUM),
        "enum_assignment": _FIELD,
        "type_alias_declaration": Rule(Kind.TYPE),
        "function_declaration": _function(),
        "generator_function_declaration": _function(),
        "function_signature": _function(),
        "method_definition": _function(),
        "method_signature": _function(),
        "abstract_method_signature": _function(),
        "field_definition": Rule(Kind.FIELD, "property", "value/body"),
        "public_field_definition": Rule(Kind.FIELD, "name", "value/body"),
        "property_signature": _FIELD,
        "internal_module": _opened(Kind.MODULE),
        "module": _opened(Kind.MODULE),
        "variable_declarator": Rule(
            Kind.CONSTANT, "name", "value/body", words={"=>": Kind.FUNCTION}
        ),
        "assignment_expression": Rule(
            Kind.FUNCTION,
            "left",
            "right/body",
            naming=Naming.QUALIFIED,
            needs="right/body",
        ),
    },
    passes=_set(
        "program class_body interface_body object_type enum_body statement_block object ERROR"
        " class_static_block"
    ),
    wraps=_set("export_statement ambient_declaration lexical_declaration variable_declaration"),
    calls=_set(
        "expression_statement call_expression parenthesized_expression unary_expression arguments"
        " arrow_function function_expression function await_expression"
    ),
)

_TYPED = _set("class_body interface_body enum_body program ERROR")

_JAVA = Rules(
    {
        "class_declaration": _opened(Kind.CLASS),
        "interface_declaration": _opened(Kind.INTERFACE),
        "annotation_type_declaration": _opened(Kind.INTERFACE),
        "enum_declaration": _opened(Kind.ENUM),
        "record_declaration": _opened(Kind.CLASS),
        "method_declaration": _function(),
        "constructor_declaration": _function(),
        "compact_constructor_declaration": _function(),
        "annotation_type_element_declaration": _function(),
        "enum_constant": _FIELD,
        "variable_declarator": _FIELD,
    },
    passes=_TYPED | _set("enum_body_declarations annotation_type_body"),
    wraps=_set("field_declaration constant_declaration"),
)

_KOTLIN = Rules(
    {
        "class_declaration": Rule(
            Kind.CLASS,
            "name",
            "class_body|enum_class_body",
            opened=True,
            words={"interface": Kind.INTERFACE},
        ),
        "object_declaration": _opened(Kind.CLASS, body="class_body"),
        "function_declaration": _function(body="function_body"),
        "secondary_constructor": Rule(Kind.FUNCTION, "", "block", naming=Naming.WORD),
        "property_declaration": Rule(Kind.CONSTANT, "variable_declaration/identifier"),
        "type_alias": Rule(Kind.TYPE, "type|identifier"),
        "enum_entry": Rule(Kind.FIELD, "identifier"),
    },
    passes=_set("source_file class_body enum_class_body companion_object ERROR"),
)

_GO = Rules(
    {
        "function_declaration": _function(),
        "method_declaration": _function(naming=Naming.RECEIVER),
        "type_spec": Rule(
            Kind.TYPE,
            "name",
            "type/field_declaration_list|type/method_elem|type/method_spec",
            opened=True,
            words={"struct_type": Kind.STRUCT, "interface_type": Kind.INTERFACE},
        ),
        "type_alias": Rule(Kind.TYPE),
        "const_spec": _CONSTANT,
        "var_spec": _CONSTANT,
        "field_declaration": Rule(Kind.FIELD, "name|type"),
        "method_elem": _function(),
        "method_spec": _function(),
    },
    passes=_set(
        "source_file field_declaration_list struct_type interface_type var_spec_list"
        " method_spec_list ERROR"
    ),
    wraps=_set("type_declaration const_declaration var_declaration"),
)

_RUST = Rules(
    {
        "function_item": _function(),
        "function_signature_item": _function(),
        "struct_item": _opened(Kind.STRUCT),
        "union_item": _opened(Kind.STRUCT),
        "enum_item": _opened(Kind.ENUM),
        "trait_item": _opened(Kind.INTERFACE),
        "impl_item": _opened(Kind.IMPLEMENTATION, name="type/type|type"),
        "mod_item": _opened(Kind.MODULE),
        "const_item": _CONSTANT,
        "static_item": _CONSTANT,
        "type_item": Rule(Kind.TYPE),
        "associated_type": Rule(Kind.TYPE),
        "macro_definition": Rule(Kind.MACRO, "name", "macro_rule"),
        "field_declaration": _FIELD,
        "enum_variant": _FIELD,
    },
    passes=_set(
        "source_file declaration_list field_declaration_list enum_variant_list foreign_mod_item"
        " ERROR"
    ),
)

_DECLARED = "declarator*"

_C = {
    "function_definition": _function(_DECLARED, "body", Naming.QUALIFIED),
    "declaration": Rule(
        Kind.FUNCTION,
        _DECLARED,
        naming=Naming.QUALIFIED,
        needs="declarator/parameters|declarator/declarator/parameters",
    ),
    "struct_specifier": _opened(Kind.STRUCT, needs="body"),
    "union_specifier": _opened(Kind.STRUCT, needs="body"),
    "enum_specifier": _opened(Kind.ENUM, needs="body"),
    "type_definition": Rule(Kind.TYPE, _DECLARED, "type/body", opened=True),
    "init_declarator": Rule(Kind.CONSTANT, _DECLARED),
    "preproc_function_def": Rule(Kind.MACRO, "name", "value"),
    "preproc_def": _CONSTANT,
    "field_declaration": Rule(Kind.FIELD, _DECLARED, words={"function_declarator": Kind.FUNCTION}),
    "enumerator": _FIELD,
}
_C_PASSES = _set(
    "translation_unit preproc_ifdef preproc_if preproc_else preproc_elif linkage_specification"
    " declaration_list field_declaration_list enumerator_list ERROR"
)

_CPP = Rules(
    _C
    | {
        "class_specifier": _opened(Kind.CLASS, needs="body"),
        "namespace_definition": _opened(Kind.MODULE),
        "alias_declaration": Rule(Kind.TYPE),
        "concept_definition": Rule(Kind.TYPE),
    },
    passes=_C_PASSES,
    wraps=_set("template_declaration"),
)

_CSHARP = Rules(
    {
        "namespace_declaration": _opened(Kind.MODULE),
        "class_declaration": _opened(Kind.CLASS),
        "struct_declaration": _opened(Kind.STRUCT),
        "record_declaration": _opened(Kind.CLASS),
        "interface_declaration": _opened(Kind.INTERFACE),
        "enum_declaration": _opened(Kind.ENUM),
        "method_declaration": _function(),
        "constructor_declaration": _function(),
        "destructor_declaration": _function(),
        "operator_declaration": _function("operator", "body"),
        "local_function_statement": _function(),
        "property_declaration": Rule(Kind.FIELD, "name", "accessors|value"),
        "event_declaration": Rule(Kind.FIELD, "name", "accessors"),
        "indexer_declaration": Rule(Kind.FIELD, "parameters", "accessors|value"),
        "variable_declarator": _FIELD,
        "delegate_declaration": Rule(Kind.TYPE),
        "enum_member_declaration": _FIELD,
    },
    passes=_set(
        "compilation_unit declaration_list enum_member_declaration_list"
        " global_statement preproc_region preproc_if preproc_else ERROR"
        " file_scoped_namespace_declaration"
    ),
    wraps=_set("field_declaration event_field_declaration variable_declaration"),
)

_RUBY = Rules(
    {
        "module": _opened(Kind.MODULE, body="body|superclass"),
        "class": _opened(Kind.CLASS),
        "method": _function(),
        "singleton_method": _function(),
        "assignment": Rule(Kind.CONSTANT, "left", needs="constant"),
    },
    passes=_set("program body_statement singleton_class begin ERROR"),
)

_PHP = Rules(
    {
        "class_declaration": _opened(Kind.CLASS),
        "interface_declaration": _opened(Kind.INTERFACE),
        "trait_declaration": _opened(Kind.INTERFACE),
        "enum_declaration": _opened(Kind.ENUM),
        "method_declaration": _function(),
        "function_definition": _function(),
        "property_element": Rule(Kind.FIELD, "name|variable_name"),
        "const_element": Rule(Kind.CONSTANT, "name"),
        "enum_case": _FIELD,
        "namespace_definition": _opened(Kind.MODULE, needs="body"),
    },
    passes=_set(
        "program declaration_list enum_declaration_list compound_statement if_statement ERROR"
    ),
    wraps=_set("property_declaration const_declaration"),
)

_SWIFT = Rules(
    {
        "class_declaration": Rule(
            Kind.CLASS,
            "name",
            "body",
            opened=True,
            words={
                "struct": Kind.STRUCT,
                "enum": Kind.ENUM,
                "extension": Kind.IMPLEMENTATION,
            },
        ),
        "protocol_declaration": _opened(Kind.INTERFACE),
        "function_declaration": _function(),
        "protocol_function_declaration": _function(),
        "init_declaration": Rule(Kind.FUNCTION, "", "body", naming=Naming.WORD),
        "deinit_declaration": Rule(Kind.FUNCTION, "", "body", naming=Naming.WORD),
        "subscript_declaration": Rule(Kind.FUNCTION, "", "computed_property", naming=Naming.WORD),
        "property_declaration": Rule(Kind.CONSTANT, "name/bound_identifier", "computed_property"),
        "protocol_property_declaration": Rule(Kind.FIELD, "name/bound_identifier"),
        "typealias_declaration": Rule(Kind.TYPE),
        "associatedtype_declaration": Rule(Kind.TYPE),
        "enum_entry": _FIELD,
    },
    passes=_set("source_file class_body protocol_body enum_class_body ERROR"),
)

_SCALA = Rules(
    {
        "class_definition": _opened(Kind.CLASS),
        "object_definition": _opened(Kind.CLASS),
        "trait_definition": _opened(Kind.INTERFACE),
        "enum_definition": _opened(Kind.ENUM),
        "package_object": _opened(Kind.MODULE),
        "function_definition": _function(),
        "function_declaration": _function(),
        "given_definition": Rule(Kind.CONSTANT, "name", "body"),
        "val_definition": Rule(Kind.CONSTANT, "pattern"),
        "var_definition": Rule(Kind.CONSTANT, "pattern"),
        "val_declaration": Rule(Kind.CONSTANT, "name"),
        "var_declaration": Rule(Kind.CONSTANT, "name"),
        "type_definition": Rule(Kind.TYPE),
        "simple_enum_case": _FIELD,
        "full_enum_case": _FIELD,
    },
    passes=_set(
        "compilation_unit template_body enum_body package_clause enum_case_definitions"
        " extension_definition indented_block ERROR"
    ),
)

_BASH = Rules(
    {
        "function_definition": _function(),
        "variable_assignment": _CONSTANT,
    },
    passes=_set("program if_statement else_clause compound_statement list ERROR"),
    wraps=_set("declaration_command"),
)

_HCL = Rules(
    {
        "block": Rule(Kind.BLOCK, "", "block_start", naming=Naming.BLOCK),
        "attribute": Rule(Kind.CONSTANT, "identifier"),
    },
    passes=_set("config_file body ERROR"),
)

RULES = {
    "python": _PYTHON,
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "java": _JAVA,
    "kotlin": _KOTLIN,
    "go": _GO,
    "rust": _RUST,
    "c": Rules(_C, _C_PASSES),
    "cpp": _CPP,
    "csharp": _CSHARP,
    "ruby": _RUBY,
    "php": _PHP,
    "swift": _SWIFT,
    "scala": _SCALA,
    "bash": _BASH,
    "hcl": _HCL,
}

COMMENTS = _set("comment line_comment block_comment multiline_comment doc_comment")
LEADS = _set("attribute_item inner_attribute_item decorator annotation")
"""Types that stand before a definition and belong to it."""
