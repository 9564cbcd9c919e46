"""Clips on which reading a video as OpenCV does differs from reading it in any other way, as ffmpeg's arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "golden" / "opencv"


def _drawn(size: str, rate: str = "25", seconds: str = "0.24") -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"mandelbrot=size={size}:rate={rate}:end_pts=100", "-t", seconds)


_H264: Final = ("-c:v", "libx264", "-preset", "veryfast")
CLIPS: Final = {
    "plain": (*_drawn("46x34"), *_H264, "-pix_fmt", "yuv420p"),
    "bt709": (*_drawn("46x34"), *_H264, "-pix_fmt", "yuv420p", "-colorspace", "bt709"),
    "full-range": (*_drawn("46x34"), *_H264, "-pix_fmt", "yuvj420p"),
    "ten-bit": (*_drawn("46x34"), *_H264, "-pix_fmt", "yuv420p10le"),
    "odd-size": (*_drawn("45x33"), "-c:v", "mpeg4", "-q:v", "3"),
    "odd-rate": (*_drawn("46x34", "29.995"), *_H264, "-pix_fmt", "yuv420p"),
    "turned": (
        (*_drawn("46x34"), *_H264, "-pix_fmt", "yuv420p"),
        ("-display_rotation", "90", "-i", "SOURCE", "-c", "copy"),
    ),
    "upside-down": (
        (*_drawn("46x34"), *_H264, "-pix_fmt", "yuv420p"),
        ("-display_rotation", "180", "-i", "SOURCE", "-c", "copy"),
    ),
    "edit-list": (
        (*_drawn("46x34", "25", "0.6"), *_H264, "-bf", "2", "-pix_fmt", "yuv420p"),
        ("-ss", "0.2", "-i", "SOURCE", "-c", "copy"),
    ),
}
