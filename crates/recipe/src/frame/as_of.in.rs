/// Beside each row of `df` the row of `other` whose `near` is closest, among those with equal `by`: the last that isn't
/// later (`backward`), the first that isn't earlier (`forward`), or the closer of the two, the later one when both are as
/// far (`nearest`). Rows without `near` go, the rest is sorted by it. Missing keys never belong together.
fn as_of(df: LazyFrame, other: LazyFrame, near: &str, by: &[&str], strategy: &str, suffix: &str) -> PolarsResult<LazyFrame> {
    let (mine, theirs, value, side) = ("\u{1}mine", "\u{1}theirs", "\u{1}value", "\u{1}side");
    let key = |name: &str| Expr::Column(name.into()); // `col` would read a pattern
    let keys = || by.iter().map(|name| key(name)).chain([key(near)]);
    let ordered = |table: LazyFrame, index: &str| {
        let order = SortMultipleOptions::default().with_maintain_order(true);
        table.filter(key(near).is_not_null()).sort_by_exprs([key(near)], order).with_row_index(index, None)
    };
    let (df, other) = (ordered(df, mine), ordered(other, theirs));

    // The keys of both tables in one order, in which each row of `df` looks for its neighbours among those of `other`.
    let index = || lit(NULL).cast(IDX_DTYPE);
    let first = if strategy == "forward" { 1 } else { -1 };
    let asking = df.clone().select(keys().chain([col(mine), index().alias(theirs), lit(0).alias(side)]).collect::<Vec<_>>());
    let mut answers = other.clone().drop_nulls(Some(by_name(by.iter().copied(), true, false)));
    if strategy == "nearest" {
        let one = by.iter().chain([&near]).copied();
        answers = answers.unique_stable(Some(by_name(one, true, false)), UniqueKeepStrategy::Last);
    }
    let answers = answers.select(keys().chain([index().alias(mine), col(theirs), lit(first).alias(side)]).collect::<Vec<_>>());
    let relaxed = UnionArgs { to_supertypes: true, ..Default::default() };
    let order = SortMultipleOptions::default().with_maintain_order(true);
    let all = concat([answers, asking], relaxed)?.sort_by_exprs([key(near), col(side), col(theirs)], order);
    let groups: Vec<Expr> = by.iter().map(|name| key(name)).collect();
    let filled = |expr: Expr, strategy| {
        let filled = expr.fill_null_with_strategy(strategy);
        if groups.is_empty() { Ok(filled) } else { filled.over(groups.clone()) }
    };
    let before = |expr: Expr| filled(expr, FillNullStrategy::Forward(None));
    let after = |expr: Expr| filled(expr, FillNullStrategy::Backward(None));
    let found = match strategy {
        "backward" => all.with_columns([before(col(theirs))?]),
        "forward" => all.with_columns([after(col(theirs))?]),
        _ => {
            let place = key(near).to_physical();
            let all = all.with_columns([when(col(theirs).is_not_null()).then(place.clone()).otherwise(lit(NULL)).alias(value)]);
            let (lower, upper) = (place.clone() - before(col(value))?, after(col(value))? - place);
            let closer = upper.clone().lt_eq(lower.clone()).or(lower.clone().is_null()).and(lower.neq(lit(0)).fill_null(lit(true)));
            all.with_columns([when(closer.and(upper.is_not_null())).then(after(col(theirs))?).otherwise(before(col(theirs))?)])
        }
    };
    let found = found.filter(col(mine).is_not_null()).select([col(mine), col(theirs)]);

    let beside = |left: LazyFrame, right: LazyFrame, on: &str| {
        let left = left.join_builder().with(right).how(JoinType::Left).on([col(on)]).suffix(suffix);
        left.maintain_order(MaintainOrderJoin::Left).finish()
    };
    let taken = by.iter().chain([&near]).copied();
    let joined = beside(beside(df, found, mine), other.drop(by_name(taken, true, false)), theirs);
    Ok(joined.drop(by_name([mine, theirs], true, false)))
}
