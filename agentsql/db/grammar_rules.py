"""The rules of the SQL grammar as text; `grammar.py` fills them in.

A word in capitals stands for that keyword in any case. `$d` is the depth of a rule and `$e` the next one. `$x` is its
family (`$y` that at the next depth), which says what a column may be there:

- (nothing): a column of the schema;
- `-in-0`: a column of the first table, for a query that reads nothing else, and so on; `-by-0`: also a name that the
  query gives to a result, for its ORDER BY;
- `-named`: also a name that the query gives to a result, for what comes behind the place where it is given;
- `-outer`: a column with its table or alias in front, for a subquery that speaks of the query around it;
- `-early`: also such a name of one word, for the SELECT list before a FROM with a subquery. A longer name must not
  be open there: a column that the model made up would pass for one, and a subquery would have to make it true;
- `-with`: like `-named`, and tables may be those of a WITH.
"""

from __future__ import annotations

from string import Template

ONCE = r"""
root ::= reply
reply ::= statement | "```sql\n" statement "\n```"
statement ::= ( query-0 | WITH ws cte ( comma cte ){0,2} ws with-query-1 ) ";"?
cte ::= cte-name ws AS ws open query-1 close
ws ::= " " " "? | " "? "\n" " "{0,12}
comma ::= " "? "," ws?
open ::= "(" ws?
close ::= ws? ")"
count ::= [0-9]{1,6}
limit ::= $limit
order-end ::= ( ws ( ASC | DESC ) )? ( ws NULLS ws ( FIRST | LAST ) )?
set-operation ::= UNION ( ws ALL )? | INTERSECT | EXCEPT
table ::= table-name ( ws ( AS ws )? alias )?
join ::= ( NATURAL ws )? ( ( INNER | ( LEFT | RIGHT | FULL ) ( ws OUTER )? ) ws )? JOIN
compared ::= "=" | "<>" | "!=" | "<" | "<=" | ">" | ">="
like ::= $like
operator ::= $operators
literal ::= number | text | NULL | TRUE | FALSE | CURRENT-DATE | CURRENT-TIMESTAMP $literals
number ::= [0-9]{1,12} ( "." [0-9]{1,8} )?
text ::= "'" text-word ( " " text-word ){0,12} "'"
text-word ::= ( $character | "''" )*
type ::= ( $types ) ( "(" [0-9]{1,3} ( "," " "? [0-9]{1,2} )? ")" )?
cast ::= "::" type
aggregate-name ::= $aggregates
ranking-name ::= $rankings
date-part ::= YEAR | QUARTER | MONTH | WEEK | DAY | HOUR | MINUTE | SECOND | DOW | DOY | EPOCH
column ::= column-name | qualified-column
named-column ::= column | own-name | alias "." own-name
qualified-column ::= alias "." column-name | table-column
early-column ::= column | measure | alias "." measure
all-of ::= "*" | ( alias | table-name ) ".*"
measure ::= $measures
own-name ::= measure own-end? | YEAR | MONTH | DAY
own-end ::= [A-Z0-9_] [A-Za-z0-9_]{0,24}
cte-name ::= ( $cte_words ) own-end? | own-name
"""
"""Rules of their own.

`root` is no more than a name, because llguidance reads the rule below it as one word: in `root` it would take the line
break before the closing fence for one that the statement goes on after.

Of a text the words are counted. To count a hundred characters costs xgrammar with Qwen's vocabulary 64 ms a token, or
8 s before the first one, depending on how it is written; this costs 1 ms, and 1.5 s before the first.

Only a whole value may have a sign: a minus behind another would begin a comment.

A result may only be named like a measure (`total_sales`, `AvgAge`): a name that a query gives can be used in its
ORDER BY, and were every word allowed there, the grammar would bind nothing.
"""

ONE_TABLE = r"""
name-$n ::= $name
columns-$n ::= $columns
column-in-$n ::= columns-$n | ( alias | name-$n ) "." columns-$n
column-by-$n ::= column-in-$n | own-name
"""
"""Rules for each table."""

READ = r"""
read-in-$n-$d ::= items-in-$n-$d ws FROM ws name-$n ( ws ( AS ws )? alias )? rest-in-$n-$d
"""
"""A query that reads one table: the only one of which can be said which columns it has."""

QUERIES = r"""
query-$d ::= SELECT ws ( DISTINCT ws )? ( $ordered_reads other-$d ( ws order-named-$d | more-$d )? ) ( ws limit )?
more-$d ::= ( ws set-operation ws select-$d ){1,2} ( ws order-named-$d )?
select-$d ::= SELECT ws ( DISTINCT ws )? ( $reads other-$d )
other-$d ::= ${outer}plain-$d | derived-$d | result-$d
outer-$d ::= items-outer-$d ws FROM ws table rest-outer-$d
plain-$d ::= items-$d ws FROM ws table ( join-table-$d )$joins rest-$d
derived-$d ::= items-early-$d ws FROM ws from-subquery-$d rest-named-$d
result-$d ::= one-result-$d ( ws? ( operator | compared ) ws? one-result-$d ){0,3}
one-result-$d ::= literal | open query-$e close
from-subquery-$d ::= ( subquery-$d | table ( join-table-$d ){0,2} join-subquery-$d ) ( join-any-$d ){0,3}
join-table-$d ::= ( comma | ws CROSS ws JOIN ws ) table | ws join ws table ( ws on-$d )?
join-subquery-$d ::= ( comma | ws CROSS ws JOIN ws ) subquery-$d | ws join ws subquery-$d ( ws on-named-$d )?
join-any-$d ::= join-subquery-$d | ( comma | ws CROSS ws JOIN ws ) table | ws join ws table ( ws on-named-$d )?
subquery-$d ::= open query-$e close ( ws ( AS ws )? ( alias | own-name ) )?
with-query-$d ::= with-select-$d ( ws set-operation ws with-select-$d ){0,2} ( ws order-with-$d )? ( ws limit )?
with-select-$d ::= SELECT ws ( DISTINCT ws )? items-with-$d ws FROM ws with-source-$d ( with-join-$d ){0,5} rest-with-$d
with-source-$d ::= ( table-name | cte-name | open with-query-$e close ) ( ws ( AS ws )? alias )?
with-join-$d ::= ( comma | ws CROSS ws JOIN ws ) with-source-$d | ws join ws with-source-$d ( ws on-with-$d )?
"""

LAST_QUERIES = r"""
query-$d ::= select-$d ( ws order-named-$d )? ( ws limit )?
select-$d ::= SELECT ws ( DISTINCT ws )? items-$d ws FROM ws table ( join-table-$d ){0,3} rest-$d
join-table-$d ::= comma table | ws join ws table ( ws on-$d )?
with-query-$d ::= SELECT ws items-with-$d ws FROM ws ( table-name | cte-name ) rest-with-$d
"""

_EVERY_EXPRESSION = r"""
items$x-$d ::= item$x-$d ( comma item$x-$d ){0,15}
item$x-$d ::= all-of | value$x-$d ( ws AS ws ( own-name | column-name ) )?
rest$x-$d ::= ( ws WHERE ws condition$x-$d )? ( ws GROUP ws BY ws values$named-$d )? having$named-$d?
having$x-$d ::= ws HAVING ws condition$x-$d
on$x-$d ::= ON ws condition$x-$d | USING ws? open column-name ( comma column-name ){0,2} close
order$x-$d ::= ORDER ws BY ws value$x-$d order-end ( comma value$x-$d order-end ){0,3}
condition$x-$d ::= predicate$x-$d ( ws ( AND | OR ) ws predicate$x-$d ){0,7}
values$x-$d ::= value$x-$d ( comma value$x-$d ){0,15}
value$x-$d ::= "-"? unit$x-$d ( ws? operator ws? unit$x-$d ){0,3}
test$x-$d ::= ws? compared ws? value$x-$d | ws IS ws ( NOT ws )? NULL | ws ( NOT ws )? longer-test$x-$d
longer-test$x-$d ::= like ws value$x-$d | BETWEEN ws value$x-$d ws AND ws value$x-$d | IN ws? open inside$x-$d close
"""

EXPRESSIONS = (
    _EVERY_EXPRESSION
    + r"""
predicate$x-$d ::= ( NOT ws )? ( value$x-$d test$x-$d? | EXISTS ws? open $query-$e close | open condition$y-$e close )
inside$x-$d ::= $query-$e | value$y-$e ( comma value$y-$e ){0,30}
unit$x-$d ::= literal | ( $column | scalar$x-$d | open ( value$y-$e | $query-$e ) close )$cast | total$x-$d | case$x-$d
total$x-$d ::= ( aggregate$x-$d | ranking-name ws? "()" ) ( ws OVER ws? open window$x-$d close )?
aggregate$x-$d ::= aggregate-name ws? open ( "*" | ( DISTINCT ws )? argument$y-$e ( comma literal )? ) close
scalar$x-$d ::= $scalars | cast$x-$d
cast$x-$d ::= CAST ws? open value$y-$e ws AS ws type close $extract
argument$x-$d ::= value$x-$d test$x-$d?
window$x-$d ::= ( PARTITION ws BY ws values$y-$e ( ws window-order$x-$d )? | window-order$x-$d )?
window-order$x-$d ::= ORDER ws BY ws value$y-$e order-end
case$x-$d ::= CASE ( ws value$y-$e )? ( ws when$y-$e ){1,6} ( ws ELSE ws value$y-$e )? ws END
when$x-$d ::= WHEN ws condition$x-$d ws THEN ws value$x-$d
"""
)

LAST_EXPRESSIONS = (
    _EVERY_EXPRESSION
    + r"""
predicate$x-$d ::= ( NOT ws )? value$x-$d test$x-$d?
inside$x-$d ::= "-"? literal ( comma "-"? literal ){0,30}
unit$x-$d ::= literal | ( $column | scalar-1-1 ws? open $column close )$cast | total$x-$d
total$x-$d ::= aggregate-name ws? open ( "*" | ( DISTINCT ws )? $column ) close
argument$x-$d ::= value$x-$d test$x-$d?
when$x-$d ::= WHEN ws predicate$x-$d ws THEN ws value$x-$d
"""
)


def filled(rules: str, **parts: str) -> list[str]:
    """Give the rules one by one, with the parts put in."""
    return [line for line in Template(rules).substitute(parts).splitlines() if line]
