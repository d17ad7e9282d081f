// What a fuzzer is: one function that takes any bytes and never crashes. Claims are YARD_CHECKs.
#pragma once

#include <cstddef>
#include <cstdint>

// Returns 0, as libFuzzer wants it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
