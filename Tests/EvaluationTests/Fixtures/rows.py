"""Rows for make_tasks.py, invented for it, in the members of the data sets on the Hugging Face hub."""

SUBJECTS = """abstract_algebra anatomy astronomy business_ethics clinical_knowledge college_biology college_chemistry
college_computer_science college_mathematics college_medicine college_physics computer_security conceptual_physics
econometrics electrical_engineering elementary_mathematics formal_logic global_facts high_school_biology
high_school_chemistry high_school_computer_science high_school_european_history high_school_geography
high_school_government_and_politics high_school_macroeconomics high_school_mathematics high_school_microeconomics
high_school_physics high_school_psychology high_school_statistics high_school_us_history high_school_world_history
human_aging human_sexuality international_law jurisprudence logical_fallacies machine_learning management marketing
medical_genetics miscellaneous moral_disputes moral_scenarios nutrition philosophy prehistory professional_accounting
professional_law professional_medicine professional_psychology public_relations security_studies sociology
us_foreign_policy virology world_religions""".split()


def _question(subject, number, split):
    words = subject.replace("_", " ")
    space = ["", " ", "\n", "  "][number % 4]
    return {"question": f"{space}In {words}, what is {split} {number} – «é»?{space}", "subject": subject,
            "choices": [f"{words} {number}", "none\u00a0of it", "{{both}}", f" {number}\t"], "answer": (number * 7) % 4}


MMLU = {
    "test": [_question(subject, number, "test") for place, subject in enumerate(SUBJECTS)
             for number in range(2 + place % 3)],
    "dev": [_question(subject, number, "dev") for subject in SUBJECTS for number in range(5)],
}


def _scene(number):
    contexts = [
        ("Washing a bicycle", "A man rolls a bicycle into a yard.", "he TURNS on the hose."),
        ("Home and Garden", "[header] How to paint a door [title] Take it off. [step] Lay it on  trestles.", ""),
        ("Playing chess", " Two women sit [at] a table.  They look up.", "ǆ one of them, Éva, moves ẞ."),
        ("Baking [bread]", "A baker kneads dough [title] and [substeps] waits.", "then she"),
    ]
    label, first, second = contexts[number % 4]
    return {"ind": number, "activity_label": label, "ctx_a": first, "ctx_b": second, "ctx": f"{first} {second}",
            "endings": [f"ends [title] with water {number}.", "[step] goes  away.", "sings é\u0301 loudly 🎵.", "x" * (number + 1)],
            "label": str(number % 4)}


HELLASWAG = {"train": [_scene(number) for number in range(9)], "validation": [_scene(number) for number in range(5, 11)]}


def _belief(number):
    return {"question": f"Is {number} a lucky number?",
            "mc1_targets": {"choices": ["No, luck is not a property of numbers.", "Yes.", f"Only on day {number}."],
                            "labels": [1, 0, 0]},
            "mc2_targets": {"choices": ["Yes.", "No.", "Numbers have no luck.", "Only é."][: 3 + number % 2],
                            "labels": [0, 1, 1, 0][: 3 + number % 2]}}


TRUTHFULQA = {"validation": [_belief(number) for number in range(6)]}


def _sum(number):
    apples = 1000 + 37 * number
    return {"question": f"Ann has {number} apples, and picks ${apples}. How many are there?",
            "answer": f"She has {number}+{apples}=<<{number}+{apples}={number + apples}>>{number + apples} apples.\n"
                      f"#### {number + apples:,}" + ("." if number % 5 == 0 else "")}


GSM8K = {"train": [_sum(number) for number in range(40)], "test": [_sum(number) for number in range(40, 70)]}
# Thirty outputs, some of them right for the row that they are given for.
_RIGHT = [number + 1000 + 37 * number for number in range(40, 70)]
_FORMS = [
    " She has them.\n#### {}", " #### {:,}", " The answer is {}.", " It is ${:,}.00", " {} apples, not 7", " 7, then {}",
    "#### {}.", " #### -{}", " no number at all", "", " #### {}\n#### 5", " x#### {},", "{}", " = {} .", " ## {}",
    " 1 2 3 {}", " ####{}", " #### ${}", "-{}", " {}.5", " 12,{}", " ... {}", " #### 0{}", " ١٢٣ {}", " {}\u00a0", " #### {} ",
    "\n\n#### {}\n\nQ", " a.b.c", " $,.", " answer: {}!",
]
GSM8K_OUTPUTS = [form.format(right) for form, right in zip(_FORMS, _RIGHT)]


def _function(number):
    return {"task_id": f"HumanEval/{number}", "prompt": f'def add_{number}(a, b):\n    """Adds {number} to a + b."""\n',
            "canonical_solution": f"    return a + b + {number}\n", "entry_point": f"add_{number}",
            "test": f"\n\ndef check(candidate):\n    assert candidate(1, 2) == {3 + number}\n"}


HUMANEVAL = {"test": [_function(number) for number in range(30)]}
# Thirty outputs, about half of them right for the row that they are given for.
HUMANEVAL_OUTPUTS = [
    "    return a + b\n", "    return a + b + 1\n```\nDone.", "    return a + (\n", "    c = a + b\n    return c + 3",
    "    return a + b + 4\n```", "", "```python\n    return 1\n```", "    return a + b + 7", "  return a + b + 8\n",
    "\treturn a + b + 9\n", "\n    return a + b + 10\n", "    return (a +\n            b + 11)\n", "    return a + b + 12  # é 🎵\n",
    "    pass\n", "    return a + b + 14\n```\n```python\nprint(1)\n```", "    raise ValueError\n", "    return a + b + 16``",
    "    return a + b + 17\n\n\n", "    return None", "    x = '```'\n    return a + b + 19\n", "return a + b + 20",
    "    return a + b + 21\r\n", "    import math\n    return math.floor(a + b + 22)\n", "    return a + b + 23;",
    "    return lambda: 24", "    yield a + b + 25", "    return sum([a, b, 26])\n", "    assert a\n    return b + a + 27\n",
    "    return a + b +", "    \"\"\"More.\"\"\"\n    return a + b + 29\n",
]


def _program(number):
    return {"task_id": number, "text": f"Write a function that adds {number}.",
            "code": f"def plus(a):\r\n  return a + {number}", "test_setup_code": "", "challenge_test_list": [],
            "test_list": [f"assert plus({a}) == {a + number}" for a in (0, 1, 5)]}


MBPP_TESTS = [_program(number) for number in range(11, 17)]
# The harness has three examples of its own, which make_tasks.py replaces by these.
MBPP = {"test": MBPP_TESTS, "prompt": [_program(number) for number in range(1, 6)]}
MBPP_OUTPUTS = ["def plus(a):\n  return a + 11\n", "def plus(a): return a + 12\n", "def plus(a): return 0", "plus(", "",
                "def plus(a):\r\n    return a + 16\r\n"]


def _science(number):
    labels = [["A", "B", "C", "D"], ["1", "2", "3", "4"], ["A", "B", "C"], ["A", "B", "C", "D", "E"]][number % 4]
    return {"id": f"S{number}", "question": f"Which of these is {number}?",
            "choices": {"text": [f"the {label}'s \"{number}\"" for label in labels], "label": labels},
            "answerKey": labels[(number * 2) % len(labels)]}


ARC = {"train": [_science(number) for number in range(12)], "validation": [_science(number) for number in range(12, 16)],
       "test": [_science(number) for number in range(16, 24)]}


def _goal(number):
    return {"goal": f"How to open jar {number}?", "sol1": f"Turn the lid {number} times.", "sol2": "Wait\\n.",
            "label": number % 2}


PIQA = {"train": [_goal(number) for number in range(15)], "validation": [_goal(number) for number in range(15, 22)]}
