import pickle

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import read_skeleton, write_skeleton


def _joints() -> np.ndarray:
    joints = np.random.default_rng(0).normal(size=(7, 2, 20, 3)).astype(np.float32)
    joints[3:, 1] = np.nan
    return joints


def test_joints_come_back_with_untracked_ones(tmp_path):
    write_skeleton(tmp_path / "s.npy", _joints())
    read = read_skeleton(tmp_path / "s.npy")
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, _joints())


def test_frames_without_any_body_come_back(tmp_path):
    write_skeleton(tmp_path / "s.npy", np.zeros((5, 0, 25, 3), np.float32))
    assert read_skeleton(tmp_path / "s.npy").shape == (5, 0, 25, 3)


@pytest.mark.parametrize("joints", [np.zeros((7, 20, 3), np.float32), np.zeros((7, 1, 20, 3))])
def test_wrong_array_is_refused_before_a_file_is_made(tmp_path, joints):
    with pytest.raises(ValueError, match="float32"):
        write_skeleton(tmp_path / "s.npy", joints)
    assert list(tmp_path.iterdir()) == []


def test_cut_file_is_named(tmp_path):
    path = tmp_path / "s.npy"
    write_skeleton(path, _joints())
    content = path.read_bytes()
    for length in (0, 5, 60, 127, 300, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(FsamtError, match=r"s\.npy"):
            read_skeleton(path)


def test_pickle_is_never_executed(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    (tmp_path / "pickle.npy").write_bytes(pickle.dumps(Bomb()))
    np.save(tmp_path / "objects.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    for name in ("pickle.npy", "objects.npy"):
        with pytest.raises(FsamtError, match=name):
            read_skeleton(tmp_path / name)
    assert not (tmp_path / "exploded").exists()


def test_other_array_is_refused(tmp_path):
    np.save(tmp_path / "other.npy", np.zeros((4, 4), np.float32))
    with pytest.raises(FsamtError, match="something else"):
        read_skeleton(tmp_path / "other.npy")
