"""How trained parameters and their losses are judged, though the order of the rows is free."""

from typing import Any

import numpy as np

from helpers.exercises.engine.comparing import form_faults, is_first_alone
from helpers.exercises.engine.exercise import Case, Fault
from helpers.exercises.engine.parts import apart
from helpers.exercises.training.loop import gradients_of, loss_of


def _flat(parameters: Any) -> np.ndarray:
    return np.concatenate([np.ravel(array) for pair in parameters for array in pair])


def _determined(case: Case) -> bool:
    """Is every number the same whatever the order of the rows: with the full batch, or with equal rows?"""
    X, y, *_, size, _ = case.arguments
    return size >= len(X) or bool(np.all(X[0] == X) and np.all(y == y[0]))


def compare_trained(case: Case, expected: Any, actual: Any) -> list[Fault]:
    """The exact cases number by number; the others, whose order is free, by what they reach."""
    faults = form_faults(expected, actual, ("parameters", "losses"))
    if is_first_alone(expected, actual):
        actual = (actual, None)
    malformed = {fault.label.partition("[")[0] for fault in faults}
    if not {"parameters", ""} & malformed:
        faults.extend(_parameter_faults(case, expected[0], actual[0]))
    if not {"losses", ""} & malformed:
        losses = np.asarray(actual[1], dtype=float)
        if np.all(np.isfinite(losses)):
            faults.extend(_loss_faults(case, np.array(expected[1]), losses))
        else:
            faults.append(Fault("nonfinite", "The losses contain nan or inf.", "losses"))
    return faults


def _parameter_faults(case: Case, wanted: Any, parameters: Any) -> list[Fault]:
    X, y, start, _, eta, _size, _ = case.arguments
    moved = _flat(parameters) - _flat(start)
    if eta < 1e-6:
        return _order_faults(case, moved)
    if not np.all(np.isfinite(moved)):
        return [Fault("nonfinite", "The parameters contain nan or inf.", "parameters")]
    if not np.any(moved):
        sentence = "The parameters come back as they went in: nothing was trained."
        return [Fault("parameters", sentence, "parameters", 0.0)]
    if _determined(case):
        return [fault for i in (0, 1) for fault in _moves(i, start, wanted, parameters)]
    # The order of the rows is free: its influence on what is reached is small.
    before, reached, best = (loss_of(pairs, X, y) for pairs in (start, parameters, wanted))
    missing = (reached - best) / max(before - best, 1e-9)
    if abs(missing) <= 0.25:
        return []
    what = "The loss is" if missing > 0 else "The loss fell further than these epochs allow: it is"
    sentence = f"{what} {reached:.3g} after the training, where about {best:.3g} is reached."
    return [Fault("trained", sentence, "parameters", missing)]


def _moves(i: int, start: Any, wanted: Any, parameters: Any) -> list[Fault]:
    """The weights, or the biases, of a case that is determined: did they move as far as they should?"""
    part = ("weights", "biases")[i]
    before, right, reached = (
        np.concatenate([np.ravel(pair[i]) for pair in pairs]) for pairs in (start, wanted, parameters)
    )
    moved, should = reached - before, right - before
    if np.allclose(moved, should, rtol=1e-4, atol=1e-5):
        return []
    ratio = float(np.linalg.norm(moved) / np.linalg.norm(should))
    cosine = (
        float(moved @ should / (np.linalg.norm(moved) * np.linalg.norm(should))) if np.any(moved) else 0.0
    )
    sentence = f"The {part} moved {apart(1.0, ratio)[1]} times as far as they should"
    if abs(cosine) < 0.9999:
        sentence += f", and elsewhere: the cosine to the right way is {cosine:.3f}"
    if not np.any(moved):
        sentence = f"The {part} did not move"
    return [Fault("parameters", f"{sentence}.", f"parameters[{part}]", float(np.copysign(ratio, cosine)))]


def _order_faults(case: Case, moved: np.ndarray) -> list[Fault]:
    """Is it always the same row that the short batch holds? The sum of all steps, which are tiny, tells.

    With N = size + 1 rows an epoch moves `theta` by -eta ((S - g_r) / size + g_r): g_r is the gradient at the
    row r that is left over, S the sum over all rows. It is left over in every epoch by an accident of 1 in
    N^(epochs - 1).
    """
    X, y, start, epochs, eta, size, _ = case.arguments
    if len(X) != size + 1 or epochs < 9:
        return []
    one = [_flat(gradients_of(start, X[[r]], y[[r]])) for r in range(len(X))]
    # Two steps an epoch with the gradient of all rows lead to a place that no order of the rows leads to, for
    # 12 epochs leave no row over exactly 12/5 times.
    of_all = -eta * epochs * 2 * np.mean(one, axis=0)
    if epochs % len(X) and np.linalg.norm(moved - of_all) < 1e-4 * np.linalg.norm(of_all):
        return [Fault("trained", "Every step is one of the full batch.", "parameters", -1.0)]
    for alone in one:
        always = -eta * epochs * ((np.sum(one, axis=0) - alone) / size + alone)
        if np.linalg.norm(moved - always) < 1e-3 * np.linalg.norm(always):
            sentence = "The batches of every epoch are the same. Draw a new order at the start of each epoch."
            return [Fault("order", sentence)]
    return []


def _loss_faults(case: Case, wanted: np.ndarray, losses: np.ndarray) -> list[Fault]:
    if case.group == "exact":
        if np.allclose(losses, wanted, rtol=1e-4):
            return []
        detail, sentence = _which_loss(case, wanted, losses)
        return [Fault("losses", sentence, "losses", detail)]
    ratio = float(losses[0] / wanted[0])
    if not 0.6 < ratio < 1.6:
        sentence = f"The first epoch's loss is {losses[0]:.3g}, where about {wanted[0]:.3g} is right."
        return [Fault("losses", sentence, "losses", ratio)]
    return []


def _which_loss(case: Case, wanted: np.ndarray, losses: np.ndarray) -> tuple[float, str]:
    """What else the losses of an exact case may be, whatever the order of the rows."""
    X, y, start, _, eta, size, _ = case.arguments
    if eta < 1e-6:
        one = np.array([loss_of(start, X[[r]], y[[r]]) for r in range(len(X))])
        full = len(X) // size
        four = (one.sum() - one) / size  # the sum of the full batches' losses, if row r is in the short one
        for number, values, what in (
            (
                10.0,
                (four + one) / (full + 1),
                "each is the mean of the batch losses, though one batch has 1 row",
            ),
            (20.0, four / full, "each is the mean over the full batches alone"),
            (30.0, one, "each is the loss of the last batch alone"),
            (40.0, four + one, "each is the sum of the batch losses"),
            (45.0, (four + one) / full, "each sum is divided by the number of *full* batches"),
        ):
            if all(np.any(np.isclose(values, loss, rtol=1e-4)) for loss in losses):
                return number, f"The losses are not those of the epochs: {what}."
    elif len(losses) > 1 and np.allclose(losses[:-1], wanted[1:], rtol=1e-4):
        return 50.0, "Each epoch has the loss that belongs to the next one."
    ratio = float(losses[-1] / wanted[-1])
    right, got = apart(float(wanted[-1]), float(losses[-1]))
    return ratio, f"The losses of the epochs are wrong: expected {right} for the last one, got {got}."
