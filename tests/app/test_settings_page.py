from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from app.engine import DeviceChoice, Engine, EngineFacts
from app.pages.settings import SettingRow, SettingsPage
from app.preferences import Preferences
from app.settings_table import (
    DEVICE,
    GENTLE,
    HOLD_MS,
    LABEL_GOES_ON,
    SCALE_PERCENT,
    THEME,
    settings_table,
)
from app.studio import Studio


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> SettingsPage:
    made = SettingsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    return made


def _row(page: SettingsPage, key: str) -> SettingRow:
    return next(row for row in page.rows if row.row.setting.key == key)


def test_every_setting_is_on_the_page_once_with_its_default(page: SettingsPage) -> None:
    keys = [row.row.setting.key for row in page.rows]
    assert sorted(keys) == sorted({row.setting.key for row in settings_table()})
    for row in page.rows:
        default = row.row.setting.default
        match row.control:
            case QCheckBox():
                assert row.control.isChecked() is default
            case QComboBox():
                assert row.control.currentData() == default
            case QSpinBox():
                assert row.control.value() == default
        assert not row.reset.isVisible()
        assert row.control.accessibleName()
        assert row.control.toolTip()


def test_a_change_is_kept_at_once_and_can_be_put_back(page: SettingsPage, studio: Studio) -> None:
    hold = _row(page, HOLD_MS.key)
    assert isinstance(hold.control, QSpinBox)
    hold.control.setValue(450)
    assert Preferences().get(HOLD_MS) == 450
    assert hold.reset.isVisible()
    hold.reset.click()
    assert studio.preferences.get(HOLD_MS) == HOLD_MS.default
    assert hold.control.value() == HOLD_MS.default
    assert not hold.reset.isVisible()


def test_what_changes_elsewhere_is_shown(page: SettingsPage, studio: Studio) -> None:
    studio.preferences.put(LABEL_GOES_ON, False)
    control = _row(page, LABEL_GOES_ON.key).control
    assert isinstance(control, QCheckBox)
    assert not control.isChecked()


def test_the_search_leaves_what_it_finds(qtbot: QtBot, page: SettingsPage) -> None:
    qtbot.keyClicks(page.search, "dark picture")
    visible = [row.row.setting.key for row in page.rows if row.isVisible()]
    assert visible == [THEME.key]
    page.search.setText("zebra")
    assert not [row for row in page.rows if row.isVisible()]
    assert page._nothing.isVisible()
    page.search.clear()
    assert all(row.isVisible() for row in page.rows)


def test_the_keyboard_reaches_every_control(qtbot: QtBot, page: SettingsPage) -> None:
    page.search.setFocus()
    reached = set()
    for _ in range(4 * len(page.rows)):
        qtbot.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert {row.control for row in page.rows} <= reached


@pytest.mark.parametrize("stored", ["", "many", "-"])
def test_nonsense_in_the_file_is_the_default(studio: Studio, stored: str) -> None:
    studio.preferences._settings.setValue(SCALE_PERCENT.key, stored)
    assert Preferences().get(SCALE_PERCENT) == 100


def test_a_switch_survives_the_file(own_settings: None) -> None:
    Preferences().put(GENTLE, False)
    again = Preferences()
    again._settings.sync()
    assert again.get(GENTLE) is False


def test_the_chosen_device_is_offered_first(studio: Studio, tmp_path: Path) -> None:
    studio.preferences.put(DEVICE, "cpu")
    engine = Engine(studio.preferences)
    devices = (DeviceChoice("cuda:0", "A GPU"), DeviceChoice("cpu", "CPU, 2 cores"))
    facts = EngineFacts(devices, (), 1, 1, 1)
    engine._keep(facts)
    assert engine.facts is not None
    assert [device.value for device in engine.facts.devices] == ["cpu", "cuda:0"]
