"""Right answers to the exercise of lesson 0 that are written differently."""


def by_loop(inputs, units):
    arrows = 0
    for _ in range(inputs):
        for _ in range(units):
            arrows += 1
    return arrows


def by_list(inputs, units):
    return len([(i, j) for i in range(inputs) for j in range(units)])


def by_sum(inputs, units):
    return float(sum([units] * inputs))


VARIANTS = {"count_arrows": (by_loop, by_list, by_sum)}
