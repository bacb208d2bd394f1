#!/bin/sh
exec /probe started "$@"
