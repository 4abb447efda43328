"""Small templates whose output, or failure, JinjaTests compares with Jinja2's."""

CONTEXT = {
    "text": "Hello, World", "number": 3, "float": 2.5, "yes": True, "no": False, "nothing": None,
    "items": [1, 2, 3], "words": ["banana", "Apple", "cherry", "apple"], "empty": [],
    "flags": {"on": True, "off": False, "keys": "a key", "items": "an item"},
    "people": [{"name": "Ann", "age": 40, "tags": ["x"]}, {"name": "Bob", "age": 25, "tags": []},
               {"name": "Cid", "age": None}],
    "nested": {"a": {"b": {"c": "deep"}}, "list": [[1, 2], [3]]},
    "unicode": "Grüße e\u0301 é ΑΣ 👩‍👧 ǆ ﬁ İ", "big": 123456789012345678901234567890, "tiny": 1e-7, "huge": 1e22,
    "html": "<b>\"&'</b>", "lines": "one\n\n two\r\nthree\n", "messages": [
        {"role": "system", "content": "S"}, {"role": "user", "content": "U"}, {"role": "assistant", "content": "A"}],
}

EXPRESSIONS = r"""
text
'a' 'b'
"it's"
'tab\tnew\nline\\ \x41\u00e9\U0001F600 \d \101'
'\é'
'\x4'
1_000
0x1F
0b101
0o17
007
1.5e3
1e-5
1e16
123456789.123456789
1e15
0.0001
-0.0
1.0
1.
.5
12345678901234567890123
true
True
none
None
nothing
yes
missing
missing.attribute
missing['x']
missing[0]
missing()
flags.missing
flags.missing.more
flags['missing']
flags.on
flags['on']
flags.keys
flags['keys']
flags['items']
flags.items()|list
flags.get('on')
flags.get('zip')
flags.get('zip', 'zap')
flags.get()
flags.pop('on')
flags.update({})
flags.pop
items.append(4)
items.append
items.index(2)
items.index(9)
items.count(1)
text.__class__
text.__class__.__mro__
''.__len__()
text.nope
nothing.x
number.x
items.x
items[0]
items[-1]
items[5]
items['a']
items[1.0]
items[true]
items[1:]
items[:-1]
items[::-1]
items[::2]
items[-2:]
items[5:]
items[2:0:-1]
items[::0]
items['a':]
items[none:2]
text[0]
text[-5:]
text[::-1]
text[100]
unicode[6]
unicode[::-1]
flags[1:]
number[0]
number[0:1]
nested.a.b.c
nested['a']['b'].c
nested.list[0][1]
people[0].name
people[-1].age
people.0.name
items.0
text|length
unicode|length
unicode|upper
unicode|lower
unicode|title
unicode|capitalize
unicode.title()
unicode.swapcase()
unicode.upper()
items
words
flags
people
nested
(1,)
(1, 2)
()
1, 2
[]
{}
{'a': 1, 2: 'b', none: 1.5, true: [], (1, 2): 'x'}
{1: 'a', 1.0: 'b', true: 'c'}
{[]: 1}
{'a': 1}.a
{'a': 1}['a']
[1, 'two', 3.0, none, true, [4], (5,), {'k': 'v'}]
['it\'s', "say \"x\"", 'both \' and "', 'new\nline', '\x07', 'é', '\u200b', '😀', '\\']
1 + 1
1 + 1.0
7 / 2
6 / 2
7 // 2
-7 // 2
7 // -2
7.5 // 2
-7.5 // 2
7 % 3
-7 % 3
7 % -3
7.5 % 2
-7.5 % 2
-0.0 % 3
2 ** 10
2 ** -1
2 ** 0.5
2 ** 3 ** 2
-2 ** 2
(-8) ** 0.5
0 ** 0
0 ** -1
1 / 0
1 // 0
1 % 0
1.0 % 0
true + true
true * 3
-true
+5
-'a'
-none
'a' + 'b'
'a' + 1
1 + 'a'
'a' * 3
3 * 'a'
'a' * -1
'a' * 1.5
[1] + [2]
[1] + (2,)
(1,) + (2,)
[1] * 2
[1] - [1]
'a' ~ 1 ~ none ~ [1]
1 ~ 2
missing ~ 'a'
missing + 'a'
'a' + missing
1 + missing
missing * 2
missing / 2
-missing
none + 1
1 == 1.0
1 == true
'1' == 1
'a' == 'a'
[1] == [1]
[1] == (1,)
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
missing == missing
missing == none
missing == ''
none == none
'é' == 'e\u0301'
1 != 2
1 < 2
'a' < 'b'
'B' < 'a'
'a' < 1
none < 1
missing < 1
[1, 2] < [1, 3]
[1] < [1, 0]
1 < 2 < 3
1 < 3 < 2
3 > 2 > 1 == 1
1 < 2 == 2
1 in items
4 in items
4 not in items
not 4 in items
'ell' in text
'' in text
1 in text
'on' in flags
'zip' in flags
[] in flags
1 in missing
missing in items
missing in text
1 in 5
1 in none
'a' in ('a', 'b')
1 in items in [items]
not true
not not true
not missing
not ''
not 0
true and false
1 and 2
0 and 2
0 or 2
'' or 'x'
missing or 'default'
none or missing or 'end'
true or missing.x
not true or true
'a' if true else 'b'
'a' if false else 'b'
'a' if false
('a' if false) is defined
('a' if false) + 'b'
1 if yes if no else 2
1 if yes else 2 if yes else 3
'x' if missing else 'y'
1 + 2 if yes else 3
text|upper|lower
text|upper()|length
text | replace('l', 'L')
text | replace('l', 'L', 1)
text | replace('', '-')
5 | replace(5, 6)
text.replace('l', 'L')
text.replace('l', 'L', 2)
text.replace('', '-')
text.replace('l')
text.split()
text.split(', ')
text.split(',', 1)
text.split('')
text.rsplit('o', 1)
text.split('o', maxsplit=1)
text.split(maxsplit=0)
' a  b c '.split()
' a  b c '.split(' ')
' a  b c '.split(none, 1)
' a  b c '.rsplit(none, 1)
' a  b c '.rsplit(' ', 2)
''.split()
''.split(',')
'abc'.split('x')
text.startswith('Hell')
text.startswith(('x', 'He'))
text.startswith('lo', 3)
text.startswith('', 12)
text.startswith('', 13)
text.endswith('ld')
text.endswith('lo', 0, 5)
text.endswith(1)
text.find('o')
text.find('o', 5)
text.find('zz')
text.rfind('o')
text.index('W')
text.index('zz')
text.rindex('o')
text.count('l')
text.count('')
'aaaa'.count('aa')
'aaaa'.replace('aa', 'b')
unicode.find('👩')
unicode.rfind('é')
' x '.strip()
'xxaxx'.strip('x')
'abcba'.strip('ab')
'xxaxx'.lstrip('x')
'xxaxx'.rstrip('x')
'\n\t x\u00a0\u2003'.strip()
' x '.strip(none)
'a-b'.partition('-')
'a-b-c'.rpartition('-')
'ab'.partition('-')
'ab'.rpartition('-')
'prefix-x'.removeprefix('prefix-')
'x.txt'.removesuffix('.txt')
'x'.removesuffix('')
'a\nb\r\nc\u2028d'.splitlines()
'a\nb\r\nc'.splitlines(true)
'a\n\n'.splitlines()
'a\r'.splitlines(true)
'abc'.center(8)
'abc'.center(8, '*')
'abcd'.center(7, '*')
'abc'.ljust(5) ~ '|'
'abc'.rjust(5)
'abc'.center(8, '**')
'42'.zfill(5)
'-42'.zfill(5)
'+'.zfill(3)
','.join(['a', 'b'])
','.join('abc')
','.join([1])
','.join(flags)
'abc'.isalpha()
'ab1'.isalnum()
'12'.isdigit()
'²'.isdigit()
'½'.isnumeric()
'½'.isdecimal()
''.isdigit()
' '.isspace()
'ABC'.isupper()
'abc1'.islower()
'123'.isupper()
'a'.isascii()
'é'.isascii()
"they're bill's friends".title()
"they're bill's-friends (ok)"|title
'hELLO wORLD'.capitalize()
'x'.encode()
'x'.casefold()
'{} and {}'.format(1, 'two')
'{1} {0} {name}'.format(1, 2, name='n')
'{{}} {}'.format(1)
'{:>5}|{:<5}|{:^5}|'.format('a', 'b', 'c')
'{:.2f} {:5d} {:05d} {:d}'.format(2.345, 42, -42, 7)
'{} {}'.format(1)
'{'.format(1)
'{:.2f}'.format('x')
'%s and %s' % ('a', 1)
'%s' % 'a'
'%s' % none
'%d items' % 5
'%d' % 5.9
'%d' % 'x'
'%5d|%-5d|%05d|%+d' % (1, 2, 3, 4)
'%.2f' % 3.14159
'%5.1f|' % 2.25
'%e' % 12345.678
'%g' % 0.0001
'%x %X %o' % (255, 255, 8)
'%r' % 'a'
'%%'% ()
'%s' % ('a', 'b')
'%s %s' % 'a'
'%(a)s' % {'a': 1}
'%.3s' % 'abcdef'
'%s' % [1, 2]
'%s' % missing
'no format' % 1
'%s, %s!'|format('a', 'b')
'%(x)s'|format(x=1)
text|trim
'  x '|trim
'xxhixx'|trim('x')
none|trim
5|trim
text|first
text|last
empty|first
empty|last
empty|first is defined
items|first
items|last
flags|first
flags|last
missing|first
missing|last
number|first
items|length
flags|length
number|length
none|length
missing|length
items|count
items|join
items|join(', ')
words|join(' & ')
people|join(', ', attribute='name')
missing|join(',')
number|join
items|list
text|list
flags|list
missing|list
none|list
5|list
words|sort
words|sort(case_sensitive=true)
words|sort(reverse=true)
people|sort(attribute='name', reverse=true)|map(attribute='name')|list
people[:2]|sort(attribute='age')|map(attribute='name')|join
people|sort(attribute='age')|list
[3, 1, 2]|sort
[3, 'a']|sort
[(2, 'b'), (1, 'z'), (2, 'a')]|sort
[{'a': {'b': 2}}, {'a': {'b': 1}}]|sort(attribute='a.b')
[{'x': 1, 'y': 2}, {'x': 1, 'y': 1}]|sort(attribute='x,y')
['b', 'a', 'B', 'A']|sort
words|unique|list
words|unique(case_sensitive=true)|list
[1, 1.0, true, 2]|unique|list
[[1], [1]]|unique|list
people|unique(attribute='age')|list|length
items|reverse|list
text|reverse
flags|reverse|list
number|reverse
items|reverse|reverse|list
items|sum
people[:2]|sum(attribute='age')
items|sum(start=10)
['a', 'b']|sum
[[1], [2]]|sum(start=[])
items|min
items|max
words|min
words|max
empty|max
people[:2]|max(attribute='age')
[1, 'a']|max
items|map('string')|list
words|map('upper')|join(' ')
words|map('replace', 'a', 'o')|list
people|map(attribute='name')|list
people|map(attribute='tags')|list
people|map(attribute='tags', default='none')|list
people|map(attribute='tags.0')|list
people|map('attr', 'name')|list
items|map('nofilter')|list
items|map|list
items|map('string')|length
items|map('string')|last
items|map('string')|first
items|map('string')|tojson
(items|map('string'))[0]
(items|map('string')) is iterable
(items|map('string')) is sequence
items|select|list
[0, 1, '', 'a', none]|select|list
[0, 1, '', 'a', none]|reject|list
items|select('odd')|list
items|select('gt', 1)|list
items|select('>', 1)|list
items|reject('even')|list
items|select('divisibleby', 3)|list
items|select('in', [1, 3])|list
items|select('notest')|list
people|selectattr('age')|map(attribute='name')|list
people|selectattr('age', 'none')|map(attribute='name')|list
people|selectattr('age', 'gt', 30)|list
people|rejectattr('age', 'none')|selectattr('age', 'gt', 30)|map(attribute='name')|list
people|selectattr('tags', 'defined')|list|length
people|rejectattr('tags')|map(attribute='name')|list
messages|selectattr('role', 'equalto', 'user')|list
messages|selectattr('role', 'in', ['user', 'system'])|map(attribute='content')|join
missing|select|list
missing|map('upper')|list
flags|items|list
missing|items|list
items|items|list
flags|dictsort
{'b': 1, 'A': 2, 'c': 0}|dictsort
{'b': 1, 'A': 2, 'c': 0}|dictsort(true)
{'b': 1, 'A': 2, 'c': 0}|dictsort(false, 'value')
{'b': 1, 'A': 2, 'c': 0}|dictsort(by='value', reverse=true)
{'b': 1}|dictsort(by='x')
items|dictsort
[1, 2, 3, 4, 5]|batch(2)|list
[1, 2, 3, 4, 5]|batch(2, 'x')|list
[1, 2, 3, 4, 5]|slice(2)|list
[1, 2, 3, 4, 5]|slice(3, 'x')|list
missing|default('d')
missing|d('d')
none|default('d')
none|default('d', true)
''|default('d', boolean=true)
''|default('d')
missing|default
flags.missing|default(5)
missing.x|default('d')
'42'|int
' 42 '|int
'42.7'|int
'x'|int
'x'|int(7)
'x'|int(default=8)
'0x1f'|int(0, 16)
'1f'|int(base=16)
'101'|int(base=2)
'1_000'|int
'-5'|int
'+5'|int
'1e3'|int
'inf'|int
''|int
none|int
4.9|int
-4.9|int
true|int
[]|int
missing|int
'2.5'|float
'1e3'|float
' .5 '|float
'5.'|float
'x'|float
'x'|float(1.5)
'inf'|float
'nan'|float
'0x10'|float
'1_0.5'|float
none|float
3|float
'१'|int
-5|abs
-5.5|abs
'a'|abs
true|abs
42.55|round
2.5|round
3.5|round
-2.5|round
42.55|round(1)
2.675|round(2)
1.005|round(2)
42.55|round(1, 'floor')
42.51|round(1, 'ceil')
42|round
42|round(1)
42.4|round|int
1234.5|round(2, 'ceil')
1e20|round
'x'|round
42.5|round(1, 'up')
0.5|round
-0.4|round
items|string
none|string
missing|string
1.0|string
'a'|string|length
items|tojson
flags|tojson
people|tojson
nested|tojson(indent=2)
empty|tojson(indent=2)
{}|tojson(indent=2)
nested|tojson(indent=0)
items|tojson(indent='--')
html|tojson
text|tojson
unicode|tojson
unicode|tojson(ensure_ascii=true)
'\u2028\x7f\x00\x1f/\\"\b\f'|tojson
none|tojson
true|tojson
1.0|tojson
1e22|tojson
tiny|tojson
huge
tiny
big
big|tojson
big|string|length
missing|tojson
(1, 2)|tojson
{1: 2, none: 3, true: 4, 1.5: 5}|tojson
{(1, 2): 3}|tojson
flags|tojson(sort_keys=true)
items|tojson(separators=(',', ':'))
flags|tojson(separators=(',', ':'), indent=1)
range(3)|tojson
flags.keys()|tojson
flags|tojson(nope=1)
lines|indent
lines|indent(2)
lines|indent(2, true)
lines|indent(2, true, true)
lines|indent('> ', true)
lines|indent(width=1, blank=true)
''|indent
5|indent
text|center(20)
text|truncate(5)
text|truncate(8)
text|truncate(9, true, '~', 0)
text|truncate(7, false, '', 0)
text|truncate(2)
'a b  c-d'|wordcount
html|safe
html|escape
html|e
html|safe|length
html|safe|upper
html|safe == html
(html|safe) is string
(html|escape)|escape
html is escaped
(html|safe) is escaped
'<t>' + (flags|tojson|safe)
(html|safe) + '<i>'
html + (html|safe)
(html|safe) + (html|safe)
(html|safe) ~ '<i>'
'<i>' ~ (html|safe) ~ html
((html|safe) ~ '<i>') + '<u>'
(html|safe) + 5
5 + (html|safe)
(html|safe) + missing
missing + (html|safe)
(html|safe) + none
(html|safe) * 2 + '<'
2 * (html|safe) + '<'
(html|safe)|trim + '<'
(' <b> '|safe)|trim + '<'
('<b>'|safe)|trim('<>') + '<'
('<b>'|safe)|upper + '<'
('<b>'|safe)|title + '<'
('<b>'|safe)|capitalize + '<'
('<b>'|safe)|center(7) + '<'
('a\n<'|safe)|indent(2) + '<'
('a\n<'|safe)|indent('>') + '<'
('<b>'|safe)|replace('b', '<') + '<'
('<b>'|safe)|join('&') + '<'
['<a>'|safe, '<b>']|join('&') + '<'
('<b>'|safe)|first + '<'
('<b>'|safe)|last + '<'
('<b>'|safe)|reverse + '<'
('<b>'|safe)|list
[('<b>'|safe)]
('<b>'|safe)|tojson + '<'
('<b>'|safe)|string + '<'
('<b>'|safe)|default('x') + '<'
missing|default('<b>'|safe) + '<'
(5|safe) + '<'
('12'|safe)|int + 1
('<b>'|safe)|escape + '<'
('<b>'|safe)[0] + '<'
('<b>'|safe)[1:] + '<'
('<b>'|safe).strip('<') + '<'
('<b>'|safe).upper() + '<'
('<b>'|safe).replace('b', '<i>') + '<'
('<'|safe).join(['<', 5, '<'|safe]) + '<'
'<'.join(['<', '<'|safe]) + '<'
('<b> <i>'|safe).split()
('<b>=<i>'|safe).partition('=')
('a\n<'|safe).splitlines()
('<b>'|safe).startswith('<')
('<b>'|safe).find('b')
('b'|safe).center(5, '<')
('b'|safe).ljust(5, '.') + '<'
('<%s>'|safe) % '<'
('<%s%d>'|safe) % ('<', 5)
('<%s>'|safe) % ('<'|safe)
'%s' % ('<'|safe) + '<'
('<%(a)s>'|safe) % {'a': '<'}
('<b>'|safe) in html
('<b>'|safe) == '<b>'
{'<b>': 1}['<b>'|safe]
('<b>'|safe) < 'a'
('<b>'|safe) is string
['<'|safe, '<']|map('upper')|list
['<'|safe, '<']|sort|first + '<'
('ba'|safe)|sort
('<b>'|safe) and '<'
'<b>' if true else text|nope
text|nope if false else '<b>'
'<b>' if text is nope else 1
(text|nope if false) ~ 'x'
text|nope
text is nope
text|nope and false
[1 if false else text is nope]
text|nope(1) if false else 2|nope
text|upper(missing|nope) if false else 3
range(5)|list
range(1, 5)|list
range(5, 0, -2)|list
range(0)|list
range(3)
range(1, 9, 3)
range(3)[1]
range(3)[-1]
range(3)[5]
range(3)|length
range('a')
range(1, 2, 0)
range(1000000)
range(2) == range(0, 2)
2 in range(3)
dict(a=1, b='x')
dict({'a': 1}, b=2)
dict([('a', 1)])
dict(items)
flags.keys()
flags.values()
flags.items()
flags.values()|list
'on' in flags.keys()
flags.keys()|length
flags.keys()[0]
namespace(a=1).a
namespace({'a': 1}).a
namespace(a=1)['a']
namespace(a=1).b
namespace(_a=1).b
namespace() is mapping
namespace(a=1) == namespace(a=1)
not namespace()
raise_exception('stop: ' ~ number)
raise_exception()
nosuchfunction()
text()
number is number
yes is number
float is number
text is number
number is integer
yes is integer
float is integer
float is float
big is integer
text is string
none is none
nothing is none
missing is none
missing is defined
missing is not defined
missing is undefined
flags.on is defined
flags.zip is defined
text.x is defined
people[9] is defined
missing.x is defined
yes is boolean
1 is boolean
yes is true
1 is true
no is false
0 is false
flags is mapping
items is mapping
items is sequence
text is sequence
flags is sequence
missing is sequence
number is sequence
(1,) is sequence
items is iterable
text is iterable
number is iterable
none is iterable
missing is iterable
3 is odd
3 is even
4 is even
-1 is odd
2.0 is even
'a' is odd
9 is divisibleby 3
9 is divisibleby(2)
9 is divisibleby 0
1 is eq 1
1 is equalto 1
1 is ne 2
1 is lt 2
1 is lessthan 2
2 is gt 1
2 is ge 2
2 is le 1
1 is == 1
'a' is in 'abc'
1 is in items
1 is not in items
'abc' is lower
'ABC' is upper
'aB' is lower
'' is lower
5 is lower
range is callable
text is callable
none is sameas none
true is sameas true
1 is sameas true
'upper' is filter
'nope' is filter
'odd' is test
3 is odd and 4 is even
3 is not odd
not 3 is odd
3 is odd is even
missing is defined and missing.x
number is divisibleby 3 and yes
'a' is eq 'a'|upper
1 is nosuchtest
1|nosuchfilter
text|upper(1)
text|length(1)
text|replace
items is defined(1)
text|replace(*['l', 'L'])
dict(**{'a': 1})
text.replace(*('l', 'L'))
text.upper(1)
text.strip(1)
1 +
(1
[1, 2
{'a': 1
{'a'}
1 2
a b
text|
text.
text[
text[]
items[1, 2]
items[1:2:3:4]
@
a $ b
'unclosed
!true
a = 1
true is
lambda x: x
[x for x in items]
1 if
not
a..b
f(a=1, 2)
f(*a, *b)
f(a=1, a=2)
self
loop
loop.index
lipsum
varargs
caller
caller()
'a' if 'x' in missing else 'b'
people|map(attribute='name')|map('lower')|join('+')
words|map('length')|sum
(text|upper)[0]
text|upper[0]
text|list|first|lower
-1|abs
-(1|abs)
1 - -1
2 - 1 - 1
2 * 3 + 4 * 5 % 3
10 // 3 * 3 + 10 % 3
1 + 2 ~ 3 + 4
'a' ~ 1 + 2
2 ** 2 * 3
not 1 == 2
1 + 1 == 2 and 'x' in 'xyz' or false
[1, 2,]
(1, 2,)
{'a': 1,}
[[]]
[{}]
{'a': {'b': [1, {'c': none}]}}
1.5 + 1
0.1 + 0.2
1e308 * 10
1 / 3
100000000000000000000.0
123456.7
5e-324
1e100
3.0 * 2
7.0 // 2
2 ** 62
3 ** 39
9007199254740993 == 9007199254740992.0
9223372036854775807
1 == 1 == 1
''
""
'a\
b'
items|join(d='-')
items | first | string ~ 'x'
flags|attr('on')
flags|attr('keys') is defined
text|attr('nope')
namespace(a=1)|attr('a')
'Σ ΑΣ ΑΣΑ ΌΣΟΣ.'.lower()
'ß ŉ ﬁ'.upper()
'ǆ ß'.title()
'İI'.lower()
'\u0130'|lower|length
"\u00a0x\u3000"|trim
'a\x1cb\x85c'.split()
'a\x1cb'.splitlines()
['\xad', '\u0301', '\u00a0', '\ud7ff', '\ue000', '\ufeff', '\x85']
"'" ~ '"'
["'"]
['"']
['\'"']
{'k\'': "v\""}
{'a': none, 'b': true, 'c': 1.0, 'd': 'é\n'}
""".strip("\n")

STATEMENTS = [
    # whitespace control
    "a\n{% if true %}\nb\n{% endif %}\nc",
    "a\n  {% if true %}  \n  b\n  {% endif %}\nc\n",
    "  {% if true %}x{% endif %}",
    "a  {% if true %}x{% endif %}",
    "a\n  {%+ if true %}x{% endif %}",
    "a\n  {%- if true %}x{% endif %}",
    "a\n  {% if true -%}\n  x  \n {%- endif %} \n b",
    "a {%- if true -%} x {%- endif -%} b",
    "a\n{% if true +%}\nx{% endif +%}\nb",
    "{{ 'x' }}\n{{ 'y' }}\n",
    "  {{ 'x' }}  \n  {{- 'y' -}}  \n  z",
    "{{- 'x' -}}",
    "{{ -1 }}|{{-1}}|{{- -1 }}|{{+1}}",
    "a\n\n", "a\n", "\n", "", "\n\n", "a\r\nb\rc\n",
    "a {# comment #} b", "a\n  {# comment #}\nb", "a\n{#- comment -#}\n b", "a {#+ c +#}\nb", "a\n  {#+ c #}\nb",
    "{# {{ x }} {% if %} #}", "{# unclosed", "{#-#}x", "{##}x\n{##}\ny", "{#}#}",
    "{% raw %}{{ x }}{% if %}{% endraw %}", "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\nb", "{%- raw -%}  x  {%- endraw -%}  y",
    "{% raw %}x", "{%raw%}{%endraw%}", "{% raw -%}\n x{% endraw +%}\ny",
    "{% if true %}\n\n\nx{% endif %}", "{% if true %}  \n{% endif %}", "\n  {% if true %}\n  {% endif %}\n",
    "{{ 'a' }}  {% if true %}b{% endif %}", "\t{% if true %}\tx{% endif %}", "x{% if true %}  {% endif %}y",
    "{{ '{{' }}", "{{ '}}' }}", "{{ '%}' }}", "{% if '%}' == '%}' %}x{% endif %}", "{{ {'a': {'b': 1}} }}", "{{ {'a': {}}}}",
    "{ { x } }", "{ % x % }", "100% {sure}", "{{ x", "{% if x", "{{ }}", "{% %}", "{{ x }", "}} %} #}", "{{ 'a' -}}\n\n{% if true %}b{% endif %}",
    # if
    "{% if items %}y{% else %}n{% endif %}", "{% if empty %}y{% else %}n{% endif %}",
    "{% if no %}a{% elif number == 3 %}b{% elif yes %}c{% else %}d{% endif %}", "{% if missing %}a{% endif %}b",
    "{% if missing.x %}a{% endif %}", "{% if true %}", "{% endif %}", "{% if %}x{% endif %}", "{% if true %}{% else %}{% else %}{% endif %}",
    "{% if true: %}x{% endif %}", "{% if 1, %}x{% endif %}", "{% if a b %}{% endif %}", "{% elif x %}", "{% if x = 1 %}{% endif %}",
    "{% if 'a' if false %}x{% endif %}",
    # for
    "{% for i in items %}{{ i }},{% endfor %}", "{% for i in empty %}x{% else %}none{% endfor %}", "{% for i in missing %}x{% else %}none{% endfor %}",
    "{% for i in nothing %}x{% endfor %}", "{% for i in 5 %}x{% endfor %}", "{% for c in 'abc' %}{{ c }}.{% endfor %}", "{% for k in flags %}{{ k }} {% endfor %}",
    "{% for k, v in flags.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in flags|items %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in flags %}x{% endfor %}", "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [[1]] %}x{% endfor %}",
    "{% for i in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for i in items %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}", "{% for i in items %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}",
    "{% for i in items %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for i in items %}{{ loop.cycle() }}{% endfor %}", "{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}",
    "{% for i in items %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}", "{% for i in items %}{{ loop.nope is defined }}{% endfor %}",
    "{% for i in items if i != 2 %}{{ i }}/{{ loop.index }}/{{ loop.length }}/{{ loop.last }} {% endfor %}", "{% for i in items if i > 5 %}x{% else %}none{% endfor %}",
    "{% for m in messages if m.role != 'system' %}{{ loop.first }}{{ m.content }}{% endfor %}",
    "{% for i in items %}{% for j in items %}{{ i * j }}{{ loop.index }} {% endfor %}{{ loop.index }};{% endfor %}",
    "{% for i in items %}{% set outer = loop %}{% for j in 'ab' %}{{ outer.index }}{{ j }}{% endfor %}{% endfor %}",
    "{% for i in items %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in items %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in items %}{% break %}{% else %}else{% endfor %}", "{% for i in items %}{% continue %}{% else %}else{% endfor %}",
    "{% for i in items %}{% if i == 2 %}{% break %}{% endif %}{% else %}else{% endfor %}", "{% break %}", "{% continue %}", "{% for i in items %}x{% else %}{% break %}{% endfor %}",
    "{% for i in items %}{{ i }}{% endfor %}{{ i }}", "{% set i = 9 %}{% for i in items %}{{ i }}{% endfor %}{{ i }}", "{% for i in items %}{% set x = i %}{% endfor %}{{ x }}",
    "{% set x = 0 %}{% for i in items %}{{ x }}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}",
    "{% for i in items %}{% if loop.first %}{% set x = 5 %}{% endif %}[{{ x }}]{% endfor %}",
    "{% for i in items recursive %}{{ loop([]) }}{% endfor %}", "{% for i in range(3) %}{{ i }}{% endfor %}", "{% for i, in [(1,)] %}{{ i }}{% endfor %}",
    "{% for i in 1, 2, 3 %}{{ i }}{% endfor %}", "{% for i in items|reverse %}{{ i }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for x in items|map('string') %}{{ x }}{{ loop.revindex }}{{ loop.last }} {% endfor %}", "{% for m in messages[::-1] %}{{ m.role }} {% endfor %}",
    "{% for loop in items %}x{% endfor %}", "{% for x.y in items %}{% endfor %}", "{% for in items %}{% endfor %}", "{% for x of items %}{% endfor %}", "{% for x in items %}", "{% endfor %}",
    "{% for x in items %}{% endif %}", "{% for a in items if a is odd if a %}{{ a }}{% endfor %}", "{% for a in (items if yes else empty) %}{{ a }}{% endfor %}",
    "{% for a in items if yes else empty %}{{ a }}{% endfor %}", "{% set n = namespace(on=false) %}{% for i in items if i > 1 or n.on %}{{ i }}{% set n.on = true %}{% endfor %}",
    "{% set n = namespace(stop=false) %}{% for i in items if not n.stop %}{{ i }}{% set n.stop = true %}{% endfor %}", "{% for i in items %}{{ loop }}{% break %}{% endfor %}",
    "{% set it = items|map('string') %}{{ it|list }}{{ it|list }}", "{% set it = items|select('odd') %}{{ it|first }}{{ it|list }}",
    "{% for g in [] %}{% else %}{{ loop is defined }}{% endfor %}", "{% for i in items if loop is defined %}{{ i }}{% endfor %}",
    # set
    "{% set x = 1 %}{{ x }}", "{% set x, y = 1, 2 %}{{ y }}{{ x }}", "{% set x = 1, 2 %}{{ x }}", "{% set (x, y) = [1, 2] %}{{ x }}{{ y }}", "{% set x, y = 1 %}", "{% set x, y = [1, 2, 3] %}",
    "{% set x %}a {{ number }} b{% endset %}[{{ x }}]", "{% set x | upper %}a{% endset %}{{ x }}", "{% set x | trim | replace('a', 'b') %} a {% endset %}{{ x }}", "{% set x %}{% set y = 1 %}{% endset %}{{ y }}",
    "{% set x = namespace() %}{% set x.y = 1 %}{{ x.y }}", "{% set x = {} %}{% set x.y = 1 %}", "{% set missing.y = 1 %}", "{% set n = namespace(a=1) %}{% for i in items %}{% set n.a = n.a + i %}{% endfor %}{{ n.a }}",
    "{% set n = namespace() %}{% set n._x = 1 %}", "{% set n = namespace() %}{% set n.a, n.b = 1, 2 %}{{ n.a }}{{ n.b }}", "{% set n = namespace(l=[]) %}{% for i in items %}{% set n.l = n.l + [i * i] %}{% endfor %}{{ n.l }}",
    "{% set n = namespace() %}{% set n.t %}block{% endset %}{{ n.t }}", "{% if true %}{% set x = 1 %}{% endif %}{{ x }}", "{% if false %}{% set x = 1 %}{% endif %}{{ x is defined }}", "{% set true = 1 %}", "{% set 1 = 1 %}", "{% set x %}", "{% set x == 1 %}", "{% set x + 1 %}", "{% set text = text|upper %}{{ text }}",
    "{% set x = 1 if no %}{{ x is defined }}", "{% set range = 5 %}{{ range }}", "{% set a.b.c = 1 %}",
    # macros
    "{% macro m(a, b=2, c='x') %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c='z') }}{{ m(b=1, a=2) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 'b', c=3) }}", "{% macro m(a) %}{{ a }}{{ varargs|length }}{% endmacro %}{{ m(1) }}{{ m(1, 2, 3) }}", "{% macro m(a, a) %}{% endmacro %}",
    "{% macro m(a=1, b) %}{% endmacro %}", "{% macro fact(n) %}{{ n if n <= 1 else n * fact(n - 1)|int }}{% endmacro %}{{ fact(5) }}", "{% macro m() %}{% for i in items %}{{ i }}{% endfor %}{% endmacro %}{{ m()|length }}{{ m() is string }}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}", "{% macro m() %}{% set x = 5 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}", "{{ m() }}{% macro m() %}x{% endmacro %}", "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(3) }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}body {{ number }}{% endcall %}", "{% macro m() %}<{{ caller(1, 2) }}>{% endmacro %}{% call(a, b) m() %}{{ a + b }}{% endcall %}", "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
    "{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% for i in items %}{% call m(i) %}-{{ i }};{% endcall %}{% endfor %}", "{% call text %}{% endcall %}", "{% macro m() %}\n  a\n{% endmacro %}\n[{{ m() }}]\n[{{- m() | trim -}}]", "{{ m }}{% macro m() %}{% endmacro %}{{ m }}", "{% macro m(x) %}{{ loop is defined }}{% endmacro %}{% for i in items %}{{ m(i) }}{% endfor %}",
    "{% macro outer() %}{% macro inner() %}in{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}", "{% if true %}{% macro m() %}c{% endmacro %}{% endif %}{{ m() }}", "{% macro m %}{% endmacro %}", "{% macro m() %}", "{% macro m(a,) %}{% endmacro %}", "{% macro m(*a) %}{% endmacro %}",
    "{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}", "{% macro m(a) %}{{ a + 1 }}{% endmacro %}{{ m() }}", "{% macro m() %}{% break %}{% endmacro %}",
    # other blocks
    "{% filter upper %}a{{ text }}{% endfilter %}", "{% filter replace('a', 'b') | upper %}aa{% endfilter %}", "{% filter nope %}{% endfilter %}", "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}",
    "{% set a = 5 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% generation %}x{{ number }}{% endgeneration %}", "{% generation %}{% set q = 1 %}{% endgeneration %}{{ q is defined }}", "{%- generation -%} x {%- endgeneration -%} ", "{% for m in messages %}{% generation %}{{ m.role }}{{ loop.index }}{% endgeneration %}{% endfor %}",
    "{% print number, text %}", "{% generation %}", "{% nope %}", "{% if true %}{% nope %}{% endif %}", "{% else %}", "{% end %}", "{% 5 %}", "{% for i in items %}{% generation %}{% break %}{% endgeneration %}{% endfor %}",
    "{% if raise_exception('no') %}{% endif %}", "{% if number == 3 %}{{ raise_exception('Roles: ' + messages[0].role) }}{% endif %}", "{% set x = raise_exception(5) %}", "{% if false %}{{ raise_exception('x') }}{% endif %}ok",
    # nested data as templates use it
    "{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m.content + eos_token }}{% endfor %}", "{% for m in messages %}{{ '<|' ~ m['role'] ~ '|>\\n' ~ m.content ~ eos_token }}{% endfor %}", "{% set loop_messages = messages[1:] if messages[0].role == 'system' else messages %}{{ loop_messages|length }}",
    "{% for m in messages %}{% if loop.index0 % 2 == 0 %}{{ loop.index0 }}{% endif %}{% if not loop.last %},{% endif %}{% endfor %}", "{{ messages[-1].role == 'assistant' and 'tool_calls' not in messages[-1] }}", "{% if messages[0].role == 'system' and messages[0].content is string %}{{ messages[0].content }}{% endif %}",
    "{{ (messages|map(attribute='content')|list)[1:]|join('|') }}", "{{ messages|map(attribute='role')|unique|list|tojson }}", "{{ messages|selectattr('role', 'equalto', 'tool')|list|length > 0 }}", "{% for k, v in nested.items() recursive %}{{ k }}{% endfor %}",
    "{{ {'role': 'x'} | items | list }}", "{{ dict(messages[0], content='new') }}", "{{ [messages[0]] + messages[1:] == messages }}", "{% set d = dict(a=1) %}{{ d.a }}{{ d['b'] is defined }}", "{{ messages[0]['content'][:1] ~ messages[1].content[-1:] }}",
    # filters and tests that do not exist
    "{% if false %}{{ text|nope }}{% endif %}ok", "{% if false %}{{ text is nope }}{% endif %}ok", "{% if true %}{{ text|nope }}{% endif %}ok", "{% if true %}a{% else %}{{ text|nope }}{% endif %}", "{% if true %}a{% elif text is nope %}b{% endif %}", "{% if false and text|nope %}b{% endif %}ok",
    "{% if text is nope %}b{% endif %}ok", "{% if false %}{% for i in items %}{{ i|nope }}{% endfor %}{% endif %}ok", "{% if false %}{% for i in items|nope %}{{ i }}{% endfor %}{% endif %}ok", "{% if false %}{% for i in items if i is nope %}{{ i }}{% endfor %}{% endif %}ok", "{% for i in [] %}{{ i|nope }}{% endfor %}ok",
    "{% for i in items %}{% if i > 9 %}{{ i|nope }}{% endif %}{% endfor %}ok", "{% macro m() %}{{ text|nope }}{% endmacro %}ok", "{% macro m() %}{% if false %}{{ text|nope }}{% endif %}{% endmacro %}{{ m() }}ok", "{% macro m(a=text|nope) %}{% endmacro %}ok", "{% if false %}{% macro m() %}{{ text|nope }}{% endmacro %}{% endif %}ok",
    "{% if false %}{% macro m(a=text|nope) %}{% endmacro %}{% endif %}ok", "{% if false %}{% set x = text|nope %}{% endif %}ok", "{% if false %}{% set x %}{{ text|nope }}{% endset %}{% endif %}ok", "{% if false %}{% set x | nope %}a{% endset %}{% endif %}ok", "{% if false %}{% filter nope %}a{% endfilter %}{% endif %}ok",
    "{% if false %}{% with a = text|nope %}{{ a }}{% endwith %}{% endif %}ok", "{% if false %}{% with a = 1 %}{{ a|nope }}{% endwith %}{% endif %}ok", "{% if false %}{% generation %}{{ text|nope }}{% endgeneration %}{% endif %}ok", "{% if false %}{% if true %}{{ text|nope }}{% endif %}{% endif %}ok",
    "{% if false %}{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ text|nope }}{% endcall %}{% endif %}ok", "{% if false %}{% call m(text|nope) %}{% endcall %}{% endif %}ok", "{% if false %}{% print text|nope %}{% endif %}ok", "{% set x = 1 if true else text|nope %}{{ x }}", "{% for i in (items if true else items|nope) %}{{ i }}{% endfor %}",
    "{% if false %}{{ text|groupby('a') }}{{ text|urlize }}{% endif %}ok", "{% if false %}{% for i in items %}{{ i|pprint }}{% endfor %}{% endif %}ok", "{{ text|pprint if false else 'ok' }}", "{{ 'a' if text|nope is defined else 'b' }}",
]

# One expression a line; a backslash at the end of one goes on with the next line.
lines = []
for line in EXPRESSIONS.split("\n"):
    if lines and lines[-1].endswith("'a\\"):
        lines[-1] += "\n" + line
    else:
        lines.append(line)
SNIPPETS = ["{{ " + line + " }}" for line in lines] + STATEMENTS
