#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each lint is shown to fail on a bad sample and to pass a good one."""
import pathlib
import tempfile
import unittest

import check_co_await_braces
import check_conformance
import check_house
import check_layers
import check_sizes

SPDX = "// SPDX-License-Identifier: BSD-3-Clause\n"


def tree(path, text):
    """A checkout with one file in it."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="noports-lint-"))
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return root


class Layers(unittest.TestCase):
    def test_a_codec_may_not_include_a_client(self):
        bad = tree("libnoports/noports/proto/x.cpp", '#include "noports/client/y.hpp"\n')
        self.assertEqual(1, len(check_layers.check(bad)))

    def test_no_sockets_below_the_wall(self):
        bad = tree("libnoports/noports/at/x.cpp", "#include <asio/ip/tcp.hpp>\n")
        self.assertEqual(1, len(check_layers.check(bad)))

    def test_an_unknown_module_is_refused(self):
        self.assertEqual(1, len(check_layers.check(tree("libnoports/noports/misc/x.hpp", "\n"))))

    def test_downwards_is_fine(self):
        good = tree("libnoports/noports/client/x.cpp", '#include "noports/proto/y.hpp"\n')
        self.assertEqual([], check_layers.check(good))


class Braces(unittest.TestCase):
    BAD = [
        "co_await f(Agg{s, 3});",
        "co_await f({.host = s});",
        "auto x = co_await f(Agg{std::string(s), 3});",
        "co_await f(std::array<std::string, 2>{a, b});",
        "Agg x{co_await g(), 4};",
        "if (auto x = co_await f(Agg{1}); !x) {\n}",
        "co_return co_await f(Agg{s});",
        "auto x = co_await (a ? f() : g());",
        "auto x = a ? co_await f() : co_await g();",
    ]
    GOOD = [
        "const Agg named{s, 3};\nco_await f(named);",
        "if (co_await f(a)) {\n  g(Agg{1});\n}",
        "for (auto& x : co_await f()) {\n  y = Agg{x};\n}",
        "auto op = f(Agg{s});\nco_await std::move(op);",
        "co_return Agg{a, b};",
        "const auto [code, n] = co_await s.read(buffer);\nAgg x{1};",
        "while (!done) {\n  co_await f();\n}",
        "run([&]() -> asio::awaitable<void> {\n  co_await f();\n});",
        "run([&] {\n  return Agg{1};\n});\nco_await g();",
    ]

    def wrapped(self, body):
        return SPDX + "asio::awaitable<Result<void>> h(int a) {\n" + body + "\n}\n"

    def test_bad(self):
        for body in self.BAD:
            with self.subTest(body):
                self.assertTrue(check_co_await_braces.check_text("x", self.wrapped(body)))

    def test_good(self):
        for body in self.GOOD:
            with self.subTest(body):
                self.assertEqual([], check_co_await_braces.check_text("x", self.wrapped(body)))


class Sizes(unittest.TestCase):
    def test_a_long_file(self):
        bad = tree("apps/x.cpp", SPDX + "int x;\n" * 400)
        self.assertIn("401 lines", check_sizes.check(bad)[0])

    def test_a_long_function(self):
        bad = tree("apps/x.cpp", SPDX + "int f() {\n" + "  g();\n" * 60 + "}\n")
        self.assertIn("f has 62 lines", check_sizes.check(bad)[0])

    def test_no_licence_and_a_leftover(self):
        self.assertEqual(2, len(check_sizes.check(tree("apps/x.cpp", "// FIX" + "ME\n"))))

    def test_a_small_file(self):
        self.assertEqual([], check_sizes.check(tree("apps/x.cpp", SPDX + "int f() { return 1; }\n")))


class Conformance(unittest.TestCase):
    TESTS = {"keys": {"a case"}, "e2e": {"01-x"}}

    def check(self, row):
        head = "| subject | state | shown by |\n|---|---|---|\n"
        return check_conformance.check(head + row, self.TESTS, ["keyfile"])

    def test_bad(self):
        for shown in ["", '`unit_keys`: "another case"', "`unit_at` cases", "`tests/e2e/02-y.sh`",
                      "fuzz target `other`"]:
            with self.subTest(shown):
                self.assertEqual(1, len(self.check(f"| x | yes | {shown} |")))

    def test_good(self):
        for row in ['| x | yes | `unit_keys`: "a case", `tests/e2e/01-x.sh`, fuzz target `keyfile` |',
                    "| x | no | |", "| `a\\|b` | yes | `unit_keys` |"]:
            with self.subTest(row):
                self.assertEqual([], self.check(row))

    def test_a_disabled_test_does_not_run(self):
        test = {"name": "keys:x", "properties": [{"name": "DISABLED", "value": True}]}
        self.assertEqual({}, check_conformance.running({"tests": [test]}))


class House(unittest.TestCase):
    def test_bad(self):
        for line in ["asio::co_spawn(e, f(), token);", "#include <asio.hpp>", "getenv(name);",
                     "context.set_verify_mode(asio::ssl::verify_none);", "sleep(1);",
                     "CHECK(co_await f());"]:
            with self.subTest(line):
                self.assertTrue(check_house.check(tree("libnoports/x.hpp", line + "\n")))

    def test_words_in_comments_and_literals_are_nobodys_business(self):
        good = tree("libnoports/x.hpp", '// getenv(name)\nauto x = "sleep(1)";\n')
        self.assertEqual([], check_house.check(good))


if __name__ == "__main__":
    unittest.main()
