from embereye.rules.idle import PACKETS, IdleLevel


def learned(values):
    idle = IdleLevel(None, 80.0)
    done = [idle.take(value) for value in values]
    return idle, done


def test_the_limit_is_fixed_until_sixty_values_are_in():
    idle, _ = learned([32.0] * (PACKETS - 1))
    assert idle.limit(25.0) == 80.0


def test_the_sixtieth_value_makes_the_median_the_idle_level():
    idle, done = learned([30.0] * 20 + [32.0] * 20 + [50.0] * 20)
    assert done.index(True) == PACKETS - 1
    assert idle.level == 32.0
    assert idle.limit(25.0) == 57.0


def test_drift_is_never_followed():
    idle, _ = learned([32.0] * PACKETS + [60.0] * 1000)
    assert idle.level == 32.0


def test_a_fire_while_learning_is_not_learned():
    idle, done = learned([90.0] * 200)
    assert not any(done)
    assert idle.limit(25.0) == 80.0


def test_a_high_idle_level_leaves_the_limit_reachable():
    assert IdleLevel(79.0, 80.0).limit(25.0) == 95.0
