"""The nodes, tables, functions, types and operators that a query may contain.

All of them only compute. None reads a setting, a file or a catalog, writes, waits or generates rows. The statement
time-out limits how long they compute.
"""

from __future__ import annotations

SCHEMA = "company"
COLUMNS = {
    f"{SCHEMA}.{table}": tuple(columns.split())
    for table, columns in {
        "companies": "id organization_id name created_at",
        "departments": "id company_id name created_at",
        "kpi_metrics": "id organization_id company_id name name_key unit aggregation formula direction grain plan_of "
        "weight synonyms description created_at",
        "kpi_goals": "id metric_id company_id starts_on ends_on direction target",
        "kpi_data": "metric_id department_id date_recorded value",
    }.items()
}
"""Table → its columns in their order. In ``table.name``, a name that is not a column would be a function."""
TABLES = frozenset(COLUMNS)

NODES = frozenset(
    """
    SelectStmt WithClause CommonTableExpr ResTarget RangeVar Alias JoinExpr RangeSubselect SubLink SortBy
    WindowDef GroupingSet GroupingFunc ColumnRef A_Star A_Const Integer Float Boolean String A_Expr BoolExpr NullTest
    BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr FuncCall TypeCast TypeName A_ArrayExpr A_Indirection A_Indices
    RowExpr SQLValueFunction
    """.split()
)

FUNCTIONS = frozenset(
    """
    count sum avg min max array_agg string_agg bool_and bool_or stddev stddev_samp stddev_pop variance var_samp var_pop
    corr covar_samp covar_pop regr_slope regr_intercept regr_r2 percentile_cont percentile_disc mode
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
    abs sign round trunc ceil ceiling floor sqrt ln trim_scale width_bucket
    date_trunc date_part extract age make_date to_date to_char timezone
    lower upper length btrim ltrim rtrim substring position
    """.split()
)

TYPES = frozenset(
    """
    bool int2 int4 int8 numeric float4 float8 text varchar bpchar date timestamp timestamptz interval uuid jsonb
    """.split()
)

OPERATORS = frozenset("+ - * / % = <> < > <= >= || ~~ !~~ ~~* !~~* -> ->> @> <@ &&".split()) | {
    "BETWEEN",
    "NOT BETWEEN",
    "BETWEEN SYMMETRIC",
    "NOT BETWEEN SYMMETRIC",
}

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
