"""Recipes that train: what --set and the other flags say of one field."""


def test_a_flag_and_a_setting_of_one_field_are_refused(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in ("05", "09", "10"):
        finished = recipe(number, "--epochs=2", "--set=epochs=3")
        assert finished.code == 2
        assert "--epochs and --set=epochs=… set the same field: leave one out." in finished.err
    assert list(tmp_path.iterdir()) == []


def test_a_field_by_its_initials_is_answered_with_its_name(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    finished = recipe("05", "--set=lr=0.1")
    assert finished.code == 2
    assert "did you mean learning_rate?" in finished.err
