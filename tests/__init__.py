import pytest

pytest.register_assert_rewrite("tests.cases")  # its assertions explain themselves as a test's do
