lineage-original = [the original]({ $url })
lineage-parent = made from [this result]({ $url })
