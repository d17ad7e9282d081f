// Opaque bytes: what travels in frames, records and chunks.
#pragma once

#include <string>
#include <string_view>

namespace yard {

// Owned bytes. A std::string because every library at hand (libzmq, msgpack, JSON, files) meets it
// without a copy, and small messages stay inside it. Never text unless a name says so.
using Bytes = std::string;

// Borrowed bytes; valid only as long as their owner. Parameters, not members.
using BytesView = std::string_view;

}  // namespace yard
