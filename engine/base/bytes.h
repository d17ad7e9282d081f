// Opaque bytes: what travels in frames, records and chunks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yard {

// Owned bytes. A std::string because every library at hand (libzmq, msgpack, JSON, files) meets it
// without a copy, and small messages stay inside it. Never text unless a name says so.
using Bytes = std::string;

// Borrowed bytes; valid only as long as their owner. Parameters, not members.
using BytesView = std::string_view;

// Appends `size` bytes; `write(char* place)` fills in all of them, which are not cleared before.
template <typename Write>
void append_in_place(Bytes& out, std::size_t size, Write&& write) {
  const std::size_t at = out.size();
  out.resize_and_overwrite(at + size, [&](char* data, std::size_t) {
    write(data + at);
    return at + size;
  });
}

}  // namespace yard
